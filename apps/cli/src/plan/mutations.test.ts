import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { planText, requestOf, type Ran } from './plan.fixture.ts';
import type { PlanReport } from './report/report.ts';

const folder = join(import.meta.dirname, '../../../../test/fixtures/plans');
const situations = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    text: readFileSync(join(folder, name, 'input.yaml'), 'utf8'),
    request: requestOf(readFileSync(join(folder, name, 'args'), 'utf8')),
  }));

/** Whatever comes in: a plan as JSON, or nothing on stdout and a reason on stderr. */
function isSound({ code, out, err }: Ran): boolean {
  if (code === 1) return out === '' && err !== '';
  return [0, 2].includes(code) && (JSON.parse(out) as PlanReport).planHash !== '';
}

const situation = constantFrom(...situations);
const hostileTexts = [
  '1e3',
  '0.1',
  'Ki',
  'NaN',
  '9'.repeat(400),
  '-1',
  '',
  '*',
  '../..',
  'a/b',
  'x'.repeat(5_000),
  'Ünïcode \u{1f680}',
  '__proto__',
  'constructor',
];

const edit = record({
  at: integer({ min: 0, max: 1_000_000 }),
  remove: integer({ min: 0, max: 40 }),
  insert: oneof(
    constantFrom(...hostileTexts),
    constantFrom(
      '\n---\n',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '- ',
      '&a ',
      '*a',
      '<<: ',
      '|\n',
      '"',
      '#',
      '\t',
      '\r\n',
      '\u0000',
    ),
  ),
});

test('a text that was cut, spliced and scrambled', async () => {
  await assert(
    asyncProperty(situation, array(edit, { minLength: 1, maxLength: 4 }), async ({ text, request }, edits) => {
      const changed = edits.reduce((before, { at, remove, insert }) => {
        const start = at % (before.length + 1);
        return before.slice(0, start) + insert + before.slice(start + remove);
      }, text);
      expect(isSound(await planText(changed, { ...request, output: 'json' }))).toBe(true);
    }),
    { numRuns: 300, seed: 3 },
  );
}, 60_000);

type Tree = string | number | boolean | null | Tree[] | { [field: string]: Tree };
const hostile = constantFrom<Tree[]>(
  ...hostileTexts,
  null,
  true,
  -1,
  0,
  1.5,
  1e30,
  2 ** 53,
  1_000_000,
  [],
  {},
  [[[[]]]],
  { a: { b: { c: [] } } },
);

test('fields whose values are not what they should be', async () => {
  const change = record({ at: integer({ min: 0, max: 1_000_000 }), value: hostile });
  await assert(
    asyncProperty(situation, array(change, { minLength: 1, maxLength: 3 }), async ({ text, request }, changes) => {
      const items: Tree = parseAllDocuments(text).map((document) => document.toJS() as Tree);
      for (const { at, value } of changes) {
        const all = slots(items);
        all[at % all.length]?.(value);
      }
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      expect(isSound(await planText(list, { ...request, output: 'json' }))).toBe(true);
    }),
    { numRuns: 300, seed: 4 },
  );
}, 60_000);

/** One function for each value in a tree, which puts another in its place. */
function slots(tree: Tree): ((value: Tree) => void)[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, child]) => [
    (value: Tree) => void Object.assign(tree, { [key]: value }),
    ...slots(child),
  ]);
}
