import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHostKey, hostKeyFromSeed, type HostKey } from '@kasmcloud/lattice';

/** The identity that this host kept in its data folder; made and kept at the first start. */
export async function keptHostKey(dataDir: string): Promise<HostKey> {
  const path = join(dataDir, 'host.nk');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const seed = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (seed !== undefined) return hostKeyFromSeed(seed);
  const key = createHostKey();
  await writeFile(path, `${key.seed}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
  return key;
}
