import { array, assert, constantFrom, integer, oneof, property, string, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { parseManifests } from './parse.ts';

const VALID = `apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: shop
  annotations: {version: "v0.0.1", description: 'a "shop"'}
spec:
  components:
    - &web
      name: web
      type: component
      properties: {image: ghcr.io/acme/web:1.0.0, config: [{name: c, properties: {a: "1"}}]}
      traits:
        - type: spreadscaler
          properties:
            instances: 5
            spread:
              - {name: eu, weight: 80, requirements: {zone: eu-1}}
    - name: text
      type: component
      properties:
        image: |
          several
          lines
        copy: *web
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: v}}
`;

const PIECES = [
  '[',
  ']',
  '{',
  '}',
  ': ',
  '- ',
  '? ',
  '&a ',
  '*a',
  '!t ',
  '|\n',
  '>\n',
  '"',
  "'",
  '#',
  '\n',
  '  ',
  '\t',
  '---\n',
  '...\n',
  '%YAML 1.2\n',
  '<<: ',
  'a: ',
  '\r',
  '\u0085',
  '~',
  '@',
  '`',
  ',',
  '\\',
];

const start = { line: 1, column: 1 };

/** Processor time of this thread so far, milliseconds: what counts, however busy the machine is. */
const spentMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Whatever the input, there is an answer, in time, and every position in it is in the file. */
const answers = (input: string | Uint8Array): boolean => {
  const begin = spentMs();
  const { documents, problems } = parseManifests(input, { file: 'f.yaml' });
  const lines = Buffer.from(input).toString('utf8').split('\n').length;
  for (const { line, column, message } of [
    ...problems,
    ...documents.map((document) => ({ ...document.positionOf([]), message: '-' })),
  ]) {
    if (line < start.line || line > lines + 1 || column < start.column || message === '') return false;
  }
  return spentMs() - begin < 2_000;
};

test('any text is answered', () => {
  assert(property(string({ unit: 'binary', maxLength: 300 }), answers), { numRuns: 500 });
});

test('any bytes are answered', () => {
  assert(property(uint8Array({ maxLength: 300 }), answers), { numRuns: 300 });
});

test('any heap of YAML syntax is answered', () => {
  const pieces = array(oneof(constantFrom(...PIECES), string({ maxLength: 3 })), { maxLength: 60 });
  assert(
    property(pieces, (parts) => answers(parts.join(''))),
    { numRuns: 1_500 },
  );
});

test('any damage to a good file is answered', () => {
  const cut = array(
    array(oneof(integer({ min: 0, max: VALID.length }), constantFrom(...PIECES)), { minLength: 2, maxLength: 2 }),
    { maxLength: 8 },
  );
  assert(
    property(cut, (edits) => {
      let text = VALID;
      for (const [at, insert] of edits) {
        const offset = typeof at === 'number' ? at : 0;
        text =
          typeof insert === 'string'
            ? text.slice(0, offset) + insert + text.slice(offset)
            : text.slice(0, offset) + text.slice(insert);
      }
      return answers(text);
    }),
    { numRuns: 1_000 },
  );
});

test('the undamaged file is good', () => {
  const { documents, problems } = parseManifests(VALID, { file: 'f.yaml' });
  expect(problems).toEqual([]);
  expect(documents.map(({ kind }) => kind)).toEqual(['Application', 'ConfigMap']);
});

const REPEATED = [...PIECES, 'a: 1\n', '{a: ', '- - ', 'a:\n', '"a\n', '&a [*a,', '# x\n', 'k: &k\n'];

test.for(REPEATED)('100 KiB of %j are answered in time', (piece) => {
  expect(answers(piece.repeat(Math.floor(100_000 / piece.length)))).toBe(true);
});

test.for([']', 'a: 1\n'])('the largest file, of %j, is answered', (piece) => {
  const text = piece.repeat(Math.floor((1024 * 1024) / piece.length));
  expect(parseManifests(text, { file: 'f.yaml' }).problems.length).toBeGreaterThan(0);
});

test('a map of very many keys is read in time', () => {
  const text = `apiVersion: v1\nkind: A\n${Array.from({ length: 80_000 }, (_, index) => `k${index}: 1`).join('\n')}`;
  const begin = spentMs();
  expect(parseManifests(text, { file: 'f.yaml' }).documents).toHaveLength(1);
  expect(spentMs() - begin).toBeLessThan(3_000);
});
