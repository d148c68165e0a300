import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { planText, requestOf } from './plan.fixture.ts';
import type { PlanReport } from './report/report.ts';

const folder = join(import.meta.dirname, '../../../../test/fixtures/plans');
const TIMES = 1_000;

/** A generator of its own (mulberry32), so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(list: readonly T[], next: () => number): T[] {
  return list
    .map((value) => ({ value, order: next() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

const situations = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    name,
    objects: parseAllDocuments(readFileSync(join(folder, name, 'input.yaml'), 'utf8')).map(
      (one) => one.toJS() as object,
    ),
    request: requestOf(readFileSync(join(folder, name, 'args'), 'utf8')),
  }));

/** The hash of the plan of a situation with its objects in this order. */
async function hashOf({ request }: (typeof situations)[number], objects: readonly object[]): Promise<string> {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { out } = await planText(text, { ...request, output: 'json' });
  return (JSON.parse(out) as PlanReport).planHash;
}

test(`one situation in ${TIMES} orders: one plan`, async () => {
  const next = random(1);
  const hashes = new Set<string>();
  for (const one of situations.filter(({ name }) => name === 'region-loss'))
    for (let i = 0; i < TIMES; i++) hashes.add(await hashOf(one, shuffled(one.objects, next)));
  expect(hashes.size).toBe(1);
}, 60_000);

test(`every situation in turn, ${TIMES} orders: the plan that it always has`, async () => {
  const next = random(2);
  const want = await Promise.all(situations.map((one) => hashOf(one, one.objects)));
  for (let i = 0; i < TIMES; i++) {
    const index = i % situations.length;
    const one = situations[index];
    if (one === undefined) continue;
    expect(await hashOf(one, shuffled(one.objects, next)), `${one.name}, order ${i}`).toBe(want[index]);
  }
}, 60_000);
