import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { assert, array, constantFrom, property, uint8Array } from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GitLimitError, GitNameRefusedError, GitTreeRefusedError } from './errors.ts';
import { parseGlob } from './glob.ts';
import { GitMirror } from './mirror.ts';
import { Origin } from './origin.fixture.ts';
import { GitFormatError, parseBatch, parseBatchCheck, parseTreeListing } from './tree-format.ts';
import type { GitFile, TreeSelection } from './tree-reader.ts';

let origin: Origin;
let mirror: GitMirror;
beforeEach(() => {
  origin = new Origin();
  mirror = new GitMirror({ url: origin.url, cacheDirectory: origin.cacheDirectory, allowFile: true });
});
afterEach(() => origin.remove());

const read = async (selection?: TreeSelection, branch = 'main'): Promise<GitFile[]> =>
  mirror.readTree((await mirror.fetch({ ref: { branch } })).commit, selection);

const paths = async (selection?: TreeSelection, branch = 'main'): Promise<string[]> =>
  (await read(selection, branch)).map(({ path }) => path);

test('paths, include and exclude select files', async () => {
  origin.commit({
    'a.yaml': 'a',
    'deploy/prod/a.yaml': 'a',
    'deploy/prod/b.yml': 'b',
    'deploy/prod/c.txt': 'c',
    'deploy/prod/testdata/x.yaml': 'x',
    'deploy/stage/a.json': '{}',
    'deploy/Ü ber.yaml': 'ü',
  });
  expect(await paths()).toEqual([
    'a.yaml',
    'deploy/prod/a.yaml',
    'deploy/prod/b.yml',
    'deploy/prod/testdata/x.yaml',
    'deploy/stage/a.json',
    'deploy/Ü ber.yaml',
  ]);
  expect(await paths({ paths: ['deploy/prod'], exclude: ['**/testdata/**'] })).toEqual([
    'deploy/prod/a.yaml',
    'deploy/prod/b.yml',
  ]);
  expect(await paths({ paths: ['deploy/*/a.*'] })).toEqual(['deploy/prod/a.yaml', 'deploy/stage/a.json']);
  expect(await paths({ paths: ['a.yaml', 'deploy/stage/', 'missing'] })).toEqual(['a.yaml', 'deploy/stage/a.json']);
  expect(await paths({ include: ['**/c.*'] })).toEqual(['deploy/prod/c.txt']);
  expect(await paths({ paths: ['missing'] })).toEqual([]);
});

test('content is byte for byte what was committed, whatever attributes say', async () => {
  const files = { 'a.yaml': '', 'b.yaml': '\r\n\0\u{1f4a5} blob 5\n$Id$', 'c.yaml': 'x'.repeat(100_000), 'd.yaml': '' };
  const blobs = Object.entries({ ...files, '.gitattributes': '*.yaml text eol=crlf filter=lfs ident\n' });
  origin.forge(
    'raw',
    blobs.map(([path, content]) => `100644 blob ${origin.blob(content)}\t${path}`),
  );
  expect(Object.fromEntries((await read({}, 'raw')).map(({ path, content }) => [path, content.toString()]))).toEqual(
    files,
  );
});

test('symbolic links and submodules are passed over', async () => {
  origin.write({ 'real.yaml': 'a: 1' });
  symlinkSync('/etc/passwd', join(origin.directory, 'passwd.yaml'));
  symlinkSync('..', join(origin.directory, 'up'));
  origin.git('add', '--all');
  origin.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub.yaml`);
  origin.git('commit', '--quiet', '-m', 'links');
  expect(await paths()).toEqual(['real.yaml']);
  expect(await paths({ paths: ['up', 'passwd.yaml', 'sub.yaml'] })).toEqual([]);
});

test.for(['..', '.'])('a tree with the name %j is refused whole', async (name) => {
  origin.commit({ 'a.yaml': 'a: 1' });
  const blob = origin.blob('evil');
  const inner = origin.rawTree([{ mode: '100644', name: 'passwd.yaml', id: blob }]);
  const tree = origin.rawTree([{ mode: '40000', name, id: inner }]);
  origin.git('update-ref', 'refs/heads/evil', origin.git('commit-tree', tree, '-m', 'evil'));
  await expect(read({}, 'evil')).rejects.toThrow(GitTreeRefusedError);
});

test('a name with a slash, or given twice, is refused', async () => {
  origin.commit({ 'a.yaml': 'a: 1' });
  const blob = origin.blob('evil');
  const inner = origin.rawTree([{ mode: '100644', name: 'x.yaml', id: blob }]);
  const twice = origin.rawTree([
    { mode: '40000', name: 'a', id: inner },
    { mode: '100644', name: 'a/x.yaml', id: blob },
  ]);
  origin.git('update-ref', 'refs/heads/twice', origin.git('commit-tree', twice, '-m', 'evil'));
  await expect(read({}, 'twice')).rejects.toThrow('the tree holds a/x.yaml twice');
  const up = origin.rawTree([{ mode: '100644', name: '../../x.yaml', id: blob }]);
  origin.git('update-ref', 'refs/heads/up', origin.git('commit-tree', up, '-m', 'evil'));
  await expect(read({}, 'up')).rejects.toThrow('leads elsewhere');
});

test('limits name the file and what to do', async () => {
  origin.commit({ 'big.yaml': 'x'.repeat(2_000_000), 'small.yaml': 'x' });
  await expect(read()).rejects.toThrow(GitLimitError);
  await expect(read()).rejects.toThrow('big.yaml has 2000000 bytes, at most 1048576 are read: exclude it');
  expect(await paths({ exclude: ['big.yaml'] })).toEqual(['small.yaml']);
  await expect(read({ limits: { maxFileBytes: 3_000_000, maxTotalBytes: 1_999_999 } })).rejects.toThrow(
    'have 2000001 bytes',
  );
  await expect(read({ limits: { maxFiles: 1 } })).rejects.toThrow('2 files are selected, at most 1');
});

test.for(['../x', 'a/../b', '/etc', '-r', ':(exclude)a', 'a{b,c}', '[a]', 'a\nb', ''])(
  'the pattern %j is refused',
  async (pattern) => {
    origin.commit({ 'a.yaml': 'a: 1' });
    await expect(read({ paths: [pattern] })).rejects.toThrow(GitNameRefusedError);
    if (pattern === '') return;
    await expect(read({ include: [pattern] })).rejects.toThrow(GitNameRefusedError);
  },
);

test('a name that is not UTF-8 is refused when it is selected', async () => {
  origin.commit({ 'a.yaml': 'a: 1' });
  const id = origin.blob('x: 1');
  const name = Buffer.from('b\xe9.yaml', 'latin1');
  const body = Buffer.concat([Buffer.from('100644 '), name, Buffer.from('\0'), Buffer.from(id, 'hex')]);
  const tree = origin.gitWith(body, 'hash-object', '-w', '--stdin', '-t', 'tree', '--literally');
  origin.git('update-ref', 'refs/heads/latin', origin.git('commit-tree', tree, '-m', 'latin'));
  await expect(read({}, 'latin')).rejects.toThrow('is not UTF-8: rename the file');
  expect(await paths({ include: ['*.txt'] }, 'latin')).toEqual([]);
});

test.for<[pattern: string, path: string, want: boolean]>([
  ['**/*.yaml', 'a.yaml', true],
  ['**/*.yaml', 'a/b/c.yaml', true],
  ['*.yaml', 'a/b.yaml', false],
  ['a/**', 'a', true],
  ['a/**', 'a/b/c', true],
  ['a/**', 'ab', false],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b/*.yaml', 'a/b/x/b/c.yaml', true],
  ['?.yaml', 'a.yaml', true],
  ['?.yaml', '.yaml', false],
  ['a*b*c', 'aXbXbc', true],
  ['a*b*c', 'aXbXb', false],
])('%s and %s: %s', ([pattern, path, want]) => {
  expect(parseGlob(pattern).matches(path)).toBe(want);
});

test('no pattern is slow', () => {
  const glob = parseGlob(`${'**/a*a*a*a*a*a*/'.repeat(30)}b`);
  const begin = performance.now();
  expect(glob.matches(`${'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/'.repeat(120)}c`)).toBe(false);
  expect(performance.now() - begin).toBeLessThan(1_000);
});

const answers = (parse: () => unknown): boolean => {
  try {
    parse();
    return true;
  } catch (error) {
    return error instanceof GitFormatError;
  }
};

const all = (output: Buffer): boolean =>
  answers(() => parseTreeListing(output)) &&
  answers(() => parseBatch(output, ['1'.repeat(40)])) &&
  answers(() => parseBatchCheck(output, 1));

test('whatever git prints is read or refused', () => {
  const pieces = array(
    constantFrom(
      '100644 blob ',
      '1'.repeat(40),
      '       5\t',
      'a',
      '\0',
      '\n',
      ' blob 1\nx\n',
      ' blob 999\n',
      ' missing\n',
    ),
    { maxLength: 12 },
  );
  assert(property(pieces, (parts) => all(Buffer.from(parts.join('')))));
  assert(property(uint8Array({ maxLength: 200 }), (bytes) => all(Buffer.from(bytes))));
});
