import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  GitLimitError,
  GitNameRefusedError,
  GitRefNotFoundError,
  GitUnreachableError,
  GitUrlRefusedError,
} from './errors.ts';
import { GitMirror, type GitMirrorOptions } from './mirror.ts';
import { Origin } from './origin.fixture.ts';

let origin: Origin;
beforeEach(() => {
  origin = new Origin();
});
afterEach(() => origin.remove());

const mirrorOf = (options: Partial<GitMirrorOptions> = {}): GitMirror =>
  new GitMirror({ url: origin.url, cacheDirectory: origin.cacheDirectory, allowFile: true, ...options });

const texts = async (mirror: GitMirror, commit: string): Promise<Record<string, string>> =>
  Object.fromEntries((await mirror.readTree(commit)).map(({ path, content }) => [path, content.toString()]));

const main = { ref: { branch: 'main' } };

test('a branch is fetched, followed when it moves, and read', async () => {
  const first = origin.commit({ 'deploy/a.yaml': 'a: 1\n', 'README.md': '# x\n' }, 'Add "a"\n\nbody');
  const mirror = mirrorOf();
  const fetched = await mirror.fetch(main);
  expect(fetched).toMatchObject({ commit: first, author: 'Ada <ada@example.com>', subject: 'Add "a"' });
  expect(Date.parse(fetched.time)).toBe(Date.parse('2026-01-02T03:04:05Z'));
  expect(await fetched.treeOf('deploy')).toBe(origin.git('rev-parse', 'HEAD:deploy'));
  expect(await fetched.treeOf('.')).toBe(origin.git('rev-parse', 'HEAD^{tree}'));
  expect(await fetched.treeOf('nothing')).toBeUndefined();
  expect(await texts(mirror, first)).toEqual({ 'deploy/a.yaml': 'a: 1\n' });

  const second = origin.commit({ 'deploy/a.yaml': 'a: 2\n', 'deploy/b.json': '{}' });
  expect(await mirror.resolve(main)).toBe(second);
  expect((await mirror.fetch(main)).commit).toBe(second);
  expect(await texts(mirror, second)).toEqual({ 'deploy/a.yaml': 'a: 2\n', 'deploy/b.json': '{}' });
  expect(await texts(mirror, first), 'the revision before can still be read').toEqual({ 'deploy/a.yaml': 'a: 1\n' });
});

test('a branch that was rewritten is followed', async () => {
  origin.commit({ 'a.yaml': 'a: 1' });
  origin.commit({ 'a.yaml': 'a: 2' });
  const mirror = mirrorOf();
  await mirror.fetch(main);
  origin.git('reset', '--quiet', '--hard', 'HEAD~1');
  const rewritten = origin.commit({ 'b.yaml': 'b: 1' });
  expect((await mirror.fetch(main)).commit).toBe(rewritten);
  origin.git('reset', '--quiet', '--hard', 'HEAD~1');
  expect((await mirror.fetch(main)).commit, 'also back to an older commit').toBe(origin.git('rev-parse', 'HEAD'));
});

test('tags, whole references and commits are fetched; a tag gives its commit', async () => {
  const first = origin.commit({ 'a.yaml': 'a: 1' });
  origin.git('tag', '-a', 'v1.0.0', '-m', 'release');
  origin.git('update-ref', 'refs/pull/7/head', first);
  const second = origin.commit({ 'a.yaml': 'a: 2' });
  const mirror = mirrorOf();
  for (const ref of [
    { tag: 'v1.0.0' },
    { branch: 'main', tag: 'v1.0.0' },
    { name: 'refs/pull/7/head' },
    { commit: first },
  ]) {
    expect(await mirror.resolve({ ref })).toBe(first);
    expect((await mirror.fetch({ ref })).commit).toBe(first);
  }
  expect((await mirror.fetch({ ref: { commit: second } })).commit).toBe(second);
  origin.git('tag', '-f', '-a', 'v1.0.0', '-m', 'moved');
  expect((await mirror.fetch({ ref: { tag: 'v1.0.0' } })).commit).toBe(second);
});

test('a branch may take the place of a directory of branches', async () => {
  const commit = origin.commit({ 'a.yaml': 'a: 1' });
  origin.git('branch', 'release/one');
  const mirror = mirrorOf();
  expect((await mirror.fetch({ ref: { branch: 'release/one' } })).commit).toBe(commit);
  origin.git('branch', '-D', 'release/one');
  origin.git('branch', 'release');
  expect((await mirror.fetch({ ref: { branch: 'release' } })).commit).toBe(commit);
});

test('what is not there is named with the URL', async () => {
  origin.commit({ 'a.yaml': 'a: 1' });
  const mirror = mirrorOf();
  const missing = mirror.fetch({ ref: { branch: 'nope' } });
  await expect(missing).rejects.toThrow(GitRefNotFoundError);
  await expect(missing).rejects.toThrow(`${origin.url}, branch nope: not found in the repository`);
  await expect(mirror.resolve({ ref: { tag: 'v9' } })).rejects.toThrow(GitRefNotFoundError);
  await expect(mirror.fetch({ ref: { commit: '1'.repeat(40) } })).rejects.toThrow(GitRefNotFoundError);
  await expect(mirror.readTree('1'.repeat(40))).rejects.toThrow('not in the mirror: fetch it first');
  await expect(mirror.treeHash('1'.repeat(40), ['.'])).rejects.toThrow(GitRefNotFoundError);
  origin.git('tag', 'blob', origin.blob('x'));
  await expect(mirror.fetch({ ref: { tag: 'blob' } })).rejects.toThrow('tag blob: does not point to a commit');
});

test('an empty repository, and one that is not there, are told apart', async () => {
  await expect(mirrorOf().fetch(main)).rejects.toThrow(GitRefNotFoundError);
  const gone = mirrorOf({ url: `${origin.url}-gone` });
  await expect(gone.fetch(main)).rejects.toThrow(GitUnreachableError);
  await expect(gone.resolve(main)).rejects.toThrow('-gone, branch main: no such repository');
  await expect(mirrorOf({ url: 'https://127.0.0.1:1/x.git' }).fetch(main)).rejects.toThrow(GitUnreachableError);
});

test.for([
  { branch: '--upload-pack=touch /tmp/x' },
  { branch: '-x' },
  { branch: 'a..b' },
  { branch: 'a b' },
  { branch: 'main:refs/heads/x' },
  { branch: '*' },
  { branch: '' },
  { branch: 'a\n' },
  { tag: 'x.lock' },
  { name: 'HEAD' },
  { commit: 'HEAD' },
  { commit: 'abc123' },
  {},
])('the reference %j is never given to git', async (ref) => {
  await expect(mirrorOf().fetch({ ref })).rejects.toThrow(GitNameRefusedError);
  await expect(mirrorOf().resolve({ ref })).rejects.toThrow(GitNameRefusedError);
});

test('files of the local machine are refused unless they are allowed', () => {
  expect(() => mirrorOf({ allowFile: false })).toThrow(GitUrlRefusedError);
});

test('the change key changes with the paths that it covers, and only with them', async () => {
  const mirror = mirrorOf();
  const key = async (...paths: string[]): Promise<string> => mirror.treeHash((await mirror.fetch(main)).commit, paths);
  origin.commit({ 'deploy/a.yaml': 'a: 1', 'docs/x.md': 'x' });
  const before = [
    await key('deploy'),
    await key('deploy/**/*.yaml'),
    await key('.'),
    await key('missing'),
    await key('b', 'deploy'),
  ];
  origin.commit({ 'docs/x.md': 'y' });
  const after = [
    await key('deploy'),
    await key('deploy/**/*.yaml'),
    await key('.'),
    await key('missing'),
    await key('deploy/', './b'),
  ];
  expect(after.map((hash, index) => hash === before[index])).toEqual([true, true, false, true, true]);
  origin.commit({ 'deploy/a.yaml': 'a: 2' });
  expect(await key('deploy')).not.toBe(before[0]);
  origin.commit({ 'missing/x.yaml': 'x: 1' });
  expect(await key('missing')).not.toBe(before[3]);
});

test('fetches of one mirror run one by one and all succeed', async () => {
  origin.commit({ 'a.yaml': 'a: 1' });
  for (const name of ['a', 'b', 'c', 'd']) origin.git('branch', name);
  const mirror = mirrorOf();
  const fetched = await Promise.all(
    ['a', 'b', 'c', 'd', 'main', 'a'].map((branch) => mirror.fetch({ ref: { branch } })),
  );
  expect(new Set(fetched.map(({ commit }) => commit)).size).toBe(1);
});

test('what a killed fetch left behind does not stop the next one', async () => {
  origin.commit({ 'a.yaml': 'a: 1' });
  const mirror = mirrorOf();
  await mirror.fetch(main);
  const [ref = ''] = readdirSync(join(mirror.directory, 'refs', 'kasmcloud'));
  for (const lock of [
    'shallow.lock',
    'packed-refs.lock',
    'config.lock',
    `refs/kasmcloud/${ref}.lock`,
    'objects/pack/tmp_pack_x',
  ])
    writeFileSync(join(mirror.directory, lock), '');
  const commit = origin.commit({ 'a.yaml': 'a: 2' });
  expect((await mirror.fetch(main)).commit).toBe(commit);
  writeFileSync(join(mirror.directory, 'config.lock'), '');
  expect((await mirrorOf().fetch(main)).commit, 'also after a restart').toBe(commit);
  expect(readdirSync(join(mirror.directory, 'objects', 'pack')).filter((name) => name.startsWith('tmp_'))).toEqual([]);
});

test('a mirror that is damaged on disk is made anew', async () => {
  const first = origin.commit({ 'a.yaml': 'a: 1' });
  const mirror = mirrorOf();
  await mirror.fetch(main);
  const packs = join(mirror.directory, 'objects', 'pack');
  for (const name of readdirSync(packs)) {
    rmSync(join(packs, name));
    if (name.endsWith('.idx')) writeFileSync(join(packs, name), '');
  }
  writeFileSync(join(mirror.directory, 'shallow'), `${'0'.repeat(40)}garbage\n`);
  expect((await mirror.fetch(main)).commit).toBe(first);
  expect(await texts(mirror, first)).toEqual({ 'a.yaml': 'a: 1' });
  truncateSync(join(mirror.directory, 'HEAD'));
  expect((await mirror.fetch(main)).commit).toBe(first);
  rmSync(mirror.directory, { recursive: true });
  expect((await mirrorOf().fetch(main)).commit).toBe(first);
});

test('a fetch beyond the limit is broken off', async () => {
  origin.commit({ 'a.yaml': randomBytes(30_000_000).toString('latin1') });
  await expect(mirrorOf({ maxFetchBytes: 1 }).fetch(main)).rejects.toThrow(GitLimitError);
});

test('a deadline and an abort end the wait', async () => {
  origin.commit({ 'a.yaml': 'a: 1' });
  const mirror = mirrorOf();
  await expect(mirror.fetch({ ...main, signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
  await expect(mirror.fetch({ ...main, timeoutMs: 1 })).rejects.toThrow('no answer before the deadline');
  expect((await mirror.fetch(main)).subject).toBe('Change');
});

test('scopes share nothing', () => {
  expect(mirrorOf({ scope: 'a' }).directory).not.toBe(mirrorOf({ scope: 'b' }).directory);
  expect(mirrorOf({ scope: 'a' }).directory).toBe(mirrorOf({ scope: 'a' }).directory);
});

test('many small fetches do not pile up packs', async () => {
  const mirror = mirrorOf();
  for (let index = 0; index < 53; index += 1) {
    origin.commit({ 'a.yaml': `a: ${index}` });
    await mirror.fetch(main);
  }
  const packs = readdirSync(join(mirror.directory, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
  expect(packs.length).toBeLessThan(10);
  expect(await texts(mirror, origin.git('rev-parse', 'HEAD~40'))).toEqual({ 'a.yaml': 'a: 12' });
});
