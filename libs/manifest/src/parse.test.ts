import { expect, test } from 'vitest';
import { parseManifests } from './parse.ts';
import { formatProblem } from './problem.ts';

const file = 'deploy/app.yaml';
const values = (text: string | Uint8Array): unknown[] =>
  parseManifests(text, { file }).documents.map(({ value }) => value);
const problems = (text: string | Uint8Array): string[] => parseManifests(text, { file }).problems.map(formatProblem);
const head = 'apiVersion: v1\nkind: A\n';

test('a file may hold several documents; empty ones are separators', () => {
  const text = `# first\n---\n${head}n: 1\n---\n# nothing\n---\n${head}n: 2\n...\n---\nnull\n`;
  expect(values(text)).toEqual([
    { apiVersion: 'v1', kind: 'A', n: 1 },
    { apiVersion: 'v1', kind: 'A', n: 2 },
  ]);
  expect(problems(text)).toEqual([]);
});

test('JSON is read, with tabs, windows line ends and a byte order mark', () => {
  const text = '\ufeff{\r\n\t"apiVersion": "v1",\r\n\t"kind": "A",\t"list": [1,\r\n\t\ttrue, null, "x"]\r\n}\r\n';
  const want = [{ apiVersion: 'v1', kind: 'A', list: [1, true, null, 'x'] }];
  expect(values(text)).toEqual(want);
  expect(values(new TextEncoder().encode(text))).toEqual(want);
});

test('scalars are those of the YAML 1.2 core schema', () => {
  const text = `${head}no: no\noff: off\nbool: true\nnothing: ~\noctal: 0o17\nzero: 017\nhex: 0x1F\nfloat: 1e3\ndate: 2026-01-01\nquoted: "1"\n1: a\nnull: b\n`;
  expect(values(text)).toEqual([
    {
      apiVersion: 'v1',
      kind: 'A',
      no: 'no',
      off: 'off',
      bool: true,
      nothing: null,
      octal: 15,
      zero: 17,
      hex: 31,
      float: 1000,
      date: '2026-01-01',
      quoted: '1',
      '1': 'a',
      null: 'b',
    },
  ]);
});

test('a list stands for its items, also inside lists, and positions are those in the file', () => {
  const text = `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: A\n    n: 1\n  - apiVersion: v1\n    kind: AList\n    items:\n      - {apiVersion: v1, kind: A, n: 2}\n`;
  const { documents } = parseManifests(text, { file });
  expect(documents.map(({ value }) => value['n'])).toEqual([1, 2]);
  expect(documents.map(({ positionOf }) => positionOf(['n']))).toEqual([
    { line: 6, column: 5 },
    { line: 10, column: 35 },
  ]);
});

test('every field has its line and column', () => {
  const text = `${head}spec:\n  "a.b": {x: [1, 2]}\n  list:\n    - name: one\n      deep: [[7]]\n    - &two\n      name: two\n  again: *two\n`;
  const [document] = parseManifests(text, { file }).documents;
  const at = (...path: (string | number)[]): string => {
    const { line, column } = document?.positionOf(path) ?? { line: 0, column: 0 };
    return `${line}:${column}`;
  };
  expect(at()).toBe('1:1');
  expect(at('kind')).toBe('2:1');
  expect(at('spec', 'a.b', 'x', 1)).toBe('4:18');
  expect(at('spec', 'list', 0)).toBe('6:7');
  expect(at('spec', 'list', 0, 'deep', 0, 0)).toBe('7:15');
  expect(at('spec', 'list', 1, 'name')).toBe('9:7');
  expect(at('spec', 'again', 'name'), 'through an alias').toBe('9:7');
  expect(at('spec', 'missing', 'more'), 'the nearest that is there').toBe('3:1');
  expect(at('spec', 'list', 9), 'the nearest that is there').toBe('5:3');
});

test('anchors and aliases are plain copies', () => {
  const [value] = values(`${head}a: &x {n: 1}\nb: *x\nc: &x [2]\nd: *x\n`) as { a: object; b: object; d: unknown }[];
  expect(value).toMatchObject({ a: { n: 1 }, b: { n: 1 }, d: [2] });
  expect(value?.a).not.toBe(value?.b);
});

test('a field named __proto__ stays a field', () => {
  const [value] = values(`${head}__proto__: {polluted: true}\n`);
  expect(Object.keys(value as object)).toContain('__proto__');
  expect((value as { polluted?: boolean }).polluted).toBeUndefined();
});

test.for<[name: string, text: string | Uint8Array, want: string]>([
  ['duplicate key', `${head}spec:\n  a: 1\n  a: 2\n`, '5:3: spec.a: given twice'],
  ['duplicate key in JSON', '{"apiVersion":"v1","kind":"A","kind":"B"}', '1:31: kind: given twice'],
  [
    'merge key',
    `${head}a: &a {n: 1}\nb:\n  <<: *a\n`,
    '5:3: b: merge keys are not part of YAML 1.2: write the fields out',
  ],
  ['custom tag', `${head}a: !secret x\n`, '3:4: tags are not allowed in a manifest: !secret'],
  ['binary tag', `${head}a: !!binary aGk=\n`, '3:4: tags are not allowed in a manifest: tag:yaml.org,2002:binary'],
  ['YAML 1.1', `%YAML 1.1\n---\n${head}`, 'YAML 1.1 is not read: write YAML 1.2'],
  ['unknown alias', `${head}a: *b\n`, '3:4: a: alias *b has no anchor &b before it'],
  ['alias in itself', `${head}a: &a\n  - *a\n`, '4:5: a[0]: alias *a stands inside its own anchor'],
  ['tab as indentation', `${head}a:\n\tb: 1\n`, '4:1: Tabs are not allowed as indentation'],
  ['list as a key', `${head}? [a]\n: b\n`, '3:3: the name of a field must be a text'],
  ['huge number', `${head}a: 12345678901234567890\n`, '3:4: a: the number is too large to be kept exactly'],
  ['not a number', `${head}a: .nan\n`, '3:4: a: .nan is not a number in JSON'],
  ['half of a surrogate pair', `${head}a: "\\ud800"\n`, '3:4: a: the text is not valid Unicode'],
  ['control character', `${head}a: \u0000\n`, '3:4: character U+0000 is not allowed'],
  [
    'not UTF-8',
    Buffer.concat([Buffer.from(`${head}a: `), Buffer.from([0xff, 0xfe])]),
    '3:4: the file is not valid UTF-8',
  ],
  ['UTF-16', Buffer.from(`\ufeff${head}`, 'utf16le'), '1:1: the file is not valid UTF-8'],
  ['text instead of an object', '---\nhello\n', '2:1: a manifest is an object'],
  ['item that is no object', 'apiVersion: v1\nkind: List\nitems:\n- 1\n', '4:3: items[0]: a manifest is an object'],
  ['no kind', 'apiVersion: v1\n', '1:1: kind: missing'],
  ['kind that is no text', 'apiVersion: v1\nkind: 1\n', '2:1: kind: must be a text'],
  ['unclosed bracket', `${head}a: [1, 2\n`, 'Flow sequence in block collection must be'],
  ['only a directive', '%FOO\n', 'Unknown directive %FOO'],
  ['too deep', `${head}a: ${'['.repeat(150)}${']'.repeat(150)}\n`, 'nested more than 100 deep'],
  ['far too deep', `${head}a: ${'['.repeat(50_000)}`, 'nested too deeply'],
])('%s is refused', ([, text, want]) => {
  const [first, ...others] = problems(text);
  expect(first).toMatch(/^deploy\/app\.yaml:\d+:\d+: /);
  expect(first).toContain(want);
  expect(others.length).toBeLessThan(5);
  expect(values(text)).toEqual([]);
});

test('one bad document does not hide the others, nor their problems', () => {
  const text = `${head}n: 1\n---\n${head}n: 2\nn: 3\n---\n${head}n: 4\n---\nkind: B\n`;
  expect(values(text)).toMatchObject([{ n: 1 }, { n: 4 }]);
  expect(problems(text)).toEqual(['deploy/app.yaml:8:1: n: given twice', 'deploy/app.yaml:14:1: apiVersion: missing']);
});

test('limits hold', () => {
  const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh']) {
    laughs.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(', ')}]`);
  }
  expect(problems(`${head}${laughs.join('\n')}\n`)[0]).toContain('aliases stand for more than 10000 nodes');
  expect(problems(`${head}a: &a 1\nb: [${'*a, '.repeat(101)}]\n`)).toEqual([
    'deploy/app.yaml:4:405: b[100]: more than 100 aliases',
  ]);
  expect(problems(`${head}${'---\n'.repeat(10_001)}`)).toEqual([
    'deploy/app.yaml:10002:4: more than 10000 documents in one file',
  ]);
  expect(problems(`${head}a: ${'x'.repeat(1024 * 1024)}`)[0]).toContain('at most 1048576 are read');
  expect(parseManifests(`${head}---\n${head}`, { file, limits: { maxDocuments: 1 } }).problems).toHaveLength(1);
  const garbage = `${head}${'? [a]\n: b\n'.repeat(1_000)}`;
  expect(problems(garbage)).toHaveLength(101);
  expect(problems(garbage).at(-1)).toContain('too many problems');
});
