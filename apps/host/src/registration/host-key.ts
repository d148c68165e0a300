import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHostKey, hostKeyFromSeed, type HostKey } from '@kasmcloud/lattice';
import { writeAtomically } from '../world/atomic-file.ts';

/** The identity that this host kept in its data folder; made and kept at the first start. Not to be called twice at a time. */
export async function keptHostKey(dataDir: string): Promise<HostKey> {
  const path = join(dataDir, 'host.nk');
  const seed = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (seed !== undefined) return hostKeyFromSeed(seed);
  const key = createHostKey();
  await writeAtomically(path, `${key.seed}\n`);
  return key;
}
