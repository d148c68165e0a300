import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseCarefully, parseManifests, type ManifestDocument } from '../parse.ts';
import type { FieldPath } from '../problem.ts';
import type { JsonObject, JsonValue } from '../tree.ts';

/** Whatever the text: the quick reader gives what the careful one gives, to the last position, or leaves it to it. */

const file = 'f.yaml';

function pathsOf(value: JsonValue, path: FieldPath = []): FieldPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, asStep(value, key)]))];
}

const asStep = (inside: JsonValue, key: string): string | number => (Array.isArray(inside) ? Number(key) : key);

const seen = ({ documents, problems }: ReturnType<typeof parseManifests>): object => ({
  problems,
  documents: documents.map(({ value, apiVersion, kind, positionOf }: ManifestDocument) => ({
    apiVersion,
    kind,
    value,
    positions: [...pathsOf(value), ['missing', 'field']].slice(0, 60).map((path) => [path, positionOf(path)]),
  })),
});

const quickly = (text: string, limits = {}): object => seen(parseManifests(text, { file, limits }));
const carefully = (text: string, limits = {}): object => seen(parseCarefully(text, { file, limits }));

const word = fc.constantFrom(
  'web',
  'true',
  'no',
  'null',
  '~',
  '12',
  '-0',
  '0x1F',
  '017',
  '1e3',
  '1.50',
  '.5',
  '1.0.0',
  '2026-01-01T00:00:00Z',
  '10.0.0.1:80',
  'a: b',
  'a #b',
  '- x',
  '-x',
  '*',
  '&a',
  '<<',
  '',
  ' ',
  ' led',
  'end ',
  'it is "so"',
  "it's",
  'tab\tbed',
  'two\nlines',
  'three\n\nlines\n',
  '\nlate\n\n',
  '  deep\nshallow\n',
  '---',
  '...',
  'Ünïcode \u{1f680}',
  'nbsp\u00a0',
  '\u2028',
  '{}',
  '[]',
  'x'.repeat(200),
  '# no comment',
  'ghcr.io/acme/web:1.0.0',
  '@at',
  '%percent',
  '`tick`',
  '?',
  '=',
  '!x',
  '|',
  '>',
);
const name = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('name', 'spec', 'items', 'app.kubernetes.io/name', 'a_b', 'true', '__proto__'),
  },
  { weight: 1, arbitrary: word },
);
const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(word, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 3 }),
  ),
}));
const object = fc
  .dictionary(name, tree, { maxKeys: 4 })
  .map((fields): JsonObject => ({ apiVersion: 'v1', kind: 'A', ...fields }));
const list = fc
  .array(object, { maxLength: 4 })
  .map((items): JsonObject => ({ apiVersion: 'v1', kind: 'List', items, metadata: { resourceVersion: '' } }));

const written = fc
  .tuple(
    fc.array(fc.oneof(object, list), { minLength: 1, maxLength: 3 }),
    fc.record({
      indent: fc.constantFrom(2, 4),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 30, 80),
      defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
      aliasDuplicateObjects: fc.boolean(),
    }),
    fc.constantFrom('---\n', '---\n---\n', '\n--- \n\n', '# c\n---\n# d\n'),
    fc.boolean(),
  )
  .map(([objects, options, separator, isFirst]) => {
    const text = objects.map((one) => stringify(one, options)).join(separator);
    return isFirst ? `---\n${text}` : text;
  });

test('what is written as YAML', () => {
  fc.assert(
    fc.property(written, (text) => {
      expect(quickly(text)).toEqual(carefully(text));
    }),
    { numRuns: 600, seed: 1 },
  );
}, 120_000);

test('what is written as JSON', () => {
  const json = fc
    .tuple(fc.oneof(object, list), fc.constantFrom(0, 1, 4, '\t'))
    .map(([one, space]) => JSON.stringify(one, null, space));
  fc.assert(
    fc.property(json, (text) => {
      expect(quickly(text)).toEqual(carefully(text));
    }),
    { numRuns: 800, seed: 2 },
  );
}, 120_000);

const damage = fc.array(
  fc.record({
    at: fc.nat(1_000_000),
    remove: fc.nat(8),
    insert: fc.constantFrom(
      '',
      ' ',
      '\n',
      '\n  ',
      '- ',
      ': ',
      '#',
      ' #',
      '"',
      "'",
      '{',
      '}',
      '|',
      '&a ',
      '*a',
      '\t',
      '---\n',
      'a: 1\n',
      ',',
      '\r\n',
      '>',
      '!t ',
      '<<: ',
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

const texts: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ['YAML', written],
  ['JSON', fc.oneof(object, list).map((one) => JSON.stringify(one, null, 2))],
];

test.for(texts)('%s that was damaged', { timeout: 120_000 }, ([, good]) => {
  const damaged = fc.tuple(good, damage).map(([text, edits]) =>
    edits.reduce((before, { at, remove, insert }) => {
      const start = at % (before.length + 1);
      return before.slice(0, start) + insert + before.slice(start + remove);
    }, text),
  );
  fc.assert(
    fc.property(damaged, (text) => {
      expect(quickly(text)).toEqual(carefully(text));
    }),
    { numRuns: 1_200, seed: 3 },
  );
});

test('limits', () => {
  const limits = fc.record({ maxDepth: fc.integer({ min: 1, max: 6 }), maxDocuments: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(written, limits, (text, bounds) => {
      expect(quickly(text, bounds)).toEqual(carefully(text, bounds));
    }),
    { numRuns: 500, seed: 4 },
  );
}, 120_000);

test('what clusters dump is read quickly', () => {
  const labels = { app: 'web', 'kasmcloud.io/cluster': 'eu-1' };
  const message =
    'a condition whose message is so long that it is folded over several lines of the dump, as kubectl does';
  const items = Array.from({ length: 5_000 }, (_, i) => ({
    apiVersion: 'kasmcloud.io/v1alpha1',
    kind: 'WasmCloudActor',
    metadata: { name: `a-${i}`, namespace: 'shop', labels, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { hostName: `h-${i % 100}`, instances: 1, image: 'ghcr.io/acme/web:1.0.0' },
    status: { conditions: [{ type: 'Ready', status: 'True', message: i % 20 === 0 ? message : 'up' }] },
  }));
  const text = stringify({ apiVersion: 'v1', kind: 'List', items }, { aliasDuplicateObjects: false });
  const cost = (read: typeof parseManifests): number => {
    const { user, system } = process.threadCpuUsage();
    const { documents } = read(text, { file, limits: { maxBytes: 1e8, maxDocuments: 1e6 } });
    expect(documents.map(({ value }) => value)).toEqual(items);
    const after = process.threadCpuUsage();
    return after.user + after.system - user - system;
  };
  expect(cost(parseManifests)).toBeLessThan(cost(parseCarefully) / 2);
}, 120_000);
