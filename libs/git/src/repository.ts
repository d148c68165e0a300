import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CredentialFiles, GitAuth } from './environment.ts';

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const isLock = (name: string): boolean => name.endsWith('.lock');

const isHalfPack = (name: string): boolean => isLock(name) || name.startsWith('tmp_');

const isCredentials = (name: string): boolean => name.startsWith('credentials-');

const entries = async (directory: string): Promise<string[]> => {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/**
 * Removes what a git process that was killed leaves behind: locks, which would make every later fetch fail, and half a
 * pack. A mirror belongs to one process and its fetches run one by one, so nobody holds them.
 */
export const removeLeftovers = async (directory: string): Promise<void> => {
  const refs = join(directory, 'refs', 'kasmcloud');
  const packs = join(directory, 'objects', 'pack');
  const found = [
    ...(await entries(directory)).filter(isLock).map((name) => join(directory, name)),
    ...(await entries(refs)).filter(isLock).map((name) => join(refs, name)),
    ...(await entries(packs)).filter(isHalfPack).map((name) => join(packs, name)),
  ];
  await Promise.all(found.map((path) => rm(path, { recursive: true, force: true })));
};

/** Removes secrets that a process left on disk when it was killed. Not while calls are under way. */
export const removeForgottenCredentials = async (directory: string): Promise<void> => {
  const found = (await entries(directory)).filter(isCredentials);
  await Promise.all(found.map((name) => rm(join(directory, name), { recursive: true, force: true })));
};

/** Bytes that a running fetch has written to packs so far, and how many packs there are. */
export const packUsage = async (
  directory: string,
): Promise<{ readonly incomingBytes: number; readonly packs: number }> => {
  const packs = join(directory, 'objects', 'pack');
  let incomingBytes = 0;
  let count = 0;
  for (const name of await entries(packs)) {
    if (name.endsWith('.pack')) count += 1;
    // It may be renamed between the listing and the look.
    if (name.startsWith('tmp_'))
      incomingBytes += await stat(join(packs, name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return { incomingBytes, packs: count };
};

interface Secrets {
  readonly auth?: GitAuth | undefined;
  readonly caCertificates?: string | undefined;
  readonly allowedSigners?: string | undefined;
}

/** Runs `work` with the secrets in files that only this user can read, and removes them afterwards. */
export const withCredentialFiles = async <T>(
  directory: string,
  secrets: Secrets,
  work: (files: CredentialFiles) => Promise<T>,
): Promise<T> => {
  const { auth, caCertificates, allowedSigners } = secrets;
  if (auth?.kind !== 'ssh' && caCertificates === undefined && allowedSigners === undefined) return work({});
  const folder = join(directory, `credentials-${crypto.randomUUID()}`);
  await mkdir(folder, { mode: 0o700 });
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    // ssh refuses a key without a line end at its end.
    await writeFile(path, content.endsWith('\n') ? content : `${content}\n`, { mode: 0o600 });
    return path;
  };
  try {
    return await work({
      ...(auth?.kind === 'ssh'
        ? { identity: await write('identity', auth.identity), knownHosts: await write('known_hosts', auth.knownHosts) }
        : {}),
      ...(caCertificates === undefined ? {} : { caCertificates: await write('ca.crt', caCertificates) }),
      ...(allowedSigners === undefined ? {} : { allowedSigners: await write('allowed_signers', allowedSigners) }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
