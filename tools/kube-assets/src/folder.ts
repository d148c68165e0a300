import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { envtestPrograms, kubernetesVersion, programs, type Program } from './pinned.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Outside of the repository, so that a clean checkout need not build again. */
export function cacheFolder(env: Environment = process.env): string {
  const base = env['XDG_CACHE_HOME'] ?? '';
  return join(base === '' ? join(homedir(), '.cache') : base, 'kasmcloud', 'kube-assets', kubernetesVersion);
}

export function missingPrograms(folder: string, wanted: readonly Program[] = programs): readonly Program[] {
  return wanted.filter((program) => !isExecutable(join(folder, program)));
}

/** The folder of programs that are there already: KUBEBUILDER_ASSETS if set, else the cache. Undefined when incomplete. */
export function presentAssets(env: Environment = process.env): string | undefined {
  const chosen = env['KUBEBUILDER_ASSETS'] ?? '';
  const folder = chosen === '' ? cacheFolder(env) : chosen;
  const missing = missingPrograms(folder, chosen === '' ? programs : envtestPrograms);
  return missing.length === 0 ? folder : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
