import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cacheFolder, missingPrograms, presentAssets } from './folder.ts';
import { envtestPrograms, kubernetesVersion, programs } from './pinned.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'assets-'));
});
afterEach(() => rmSync(base, { recursive: true }));

function install(folder: string, names: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o755);
  }
}

it('keeps the cache per version, outside of the repository', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/c' })).toBe(`/c/kasmcloud/kube-assets/${kubernetesVersion}`);
});

it('names what a folder lacks; a file that cannot be run is lacking', () => {
  install(base, ['etcd', 'kubectl']);
  writeFileSync(join(base, 'kube-apiserver'), '');
  expect(missingPrograms(base)).toEqual(['kube-apiserver', 'kube-controller-manager']);
});

it('takes the folder of KUBEBUILDER_ASSETS, which needs no controller manager, before the cache', () => {
  const env = { KUBEBUILDER_ASSETS: join(base, 'mine'), XDG_CACHE_HOME: base };
  install(cacheFolder(env), programs);
  expect(presentAssets(env)).toBeUndefined();
  install(join(base, 'mine'), envtestPrograms);
  expect(presentAssets(env)).toBe(join(base, 'mine'));
});

it('takes the cache only when it is complete', () => {
  const env = { XDG_CACHE_HOME: base };
  install(cacheFolder(env), envtestPrograms);
  expect(presentAssets(env)).toBeUndefined();
  install(cacheFolder(env), programs);
  expect(presentAssets(env)).toBe(cacheFolder(env));
});
