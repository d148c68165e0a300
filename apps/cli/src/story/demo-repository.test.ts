import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DemoRepository } from './demo-repository.ts';
import { applicationPath, gitSourcePath, helloFiles, withInstances } from './hello-example.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-repository-'));
});
afterEach(async () => rm(folder, { recursive: true }));

const show = (repository: DemoRepository, path: string): string =>
  execFileSync('git', ['-C', repository.bare, 'show', `main:${path}`], { encoding: 'utf8' });

test('commits, keeps the last commit when nothing changed, and reverts', async () => {
  const repository = await DemoRepository.open(folder);
  const first = await repository.commit('one', new Map([['a/b.txt', '1\n']]));
  expect(first.id).toMatch(/^[0-9a-f]{40}$/);
  expect(await repository.commit('again', new Map([['a/b.txt', '1\n']]))).toEqual({ id: first.id, subject: 'one' });

  await repository.commit('two', new Map([['a/b.txt', '2\n']]));
  expect(show(repository, 'a/b.txt')).toBe('2\n');
  const reverted = await repository.revert();
  expect(reverted.subject).toBe('Revert "two"');
  expect(show(repository, 'a/b.txt')).toBe('1\n');
});

test('goes on with the repository of an earlier run', async () => {
  const earlier = await DemoRepository.open(folder);
  const { id } = await earlier.commit('one', new Map([['a', '1\n']]));
  const later = await DemoRepository.open(folder);
  expect((await later.commit('one', new Map([['a', '1\n']]))).id).toBe(id);
});

test('the example carries the paths of this machine, and can be scaled by one edit', async () => {
  const files = await helloFiles('file:///somewhere/demo.git');
  const application = files.get(applicationPath) ?? '';
  const image = parse(application).spec.components[0].properties.image as string;
  expect(image).toMatch(/^file:\/\/\/.+\/examples\/hello\/hello\.wasm$/);
  expect(image).not.toContain('file:///examples/');
  expect(parse(files.get(gitSourcePath) ?? '').spec.url).toBe('file:///somewhere/demo.git');

  expect(withInstances(application, '4')).toBe(application);
  const scaled = parse(withInstances(application, '8'));
  expect(scaled.spec.components[0].traits[0].properties.instances).toBe(8);
  expect(scaled.spec.components[1]).toEqual(parse(application).spec.components[1]);
});
