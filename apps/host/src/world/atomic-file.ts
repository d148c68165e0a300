import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file that readers see as it was or whole, whenever this process or the machine ends. Only its owner may read
 * it. Not to be called for one path twice at a time.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(content);
    // The name must not reach the disk before the bytes do.
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
