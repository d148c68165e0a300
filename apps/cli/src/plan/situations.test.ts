import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planText, requestOf, type Ran } from './plan.fixture.ts';
import type { PlanReport } from './report/report.ts';

/**
 * Situations that a platform engineer knows, each with what `kasm plan` says about it: test/fixtures/plans. After a change
 * that is meant, `KASMCLOUD_UPDATE_PLANS=1 npx vitest run --project cli situations` writes them anew.
 */
const folder = join(import.meta.dirname, '../../../../test/fixtures/plans');
const situations = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const isUpdating = process.env['KASMCLOUD_UPDATE_PLANS'] === '1';

test('there are enough of them', () => {
  expect(situations.length).toBeGreaterThanOrEqual(12);
});

describe.for(situations)('%s', (situation) => {
  const file = (name: string): string => join(folder, situation, name);
  const run = async (extra: Parameters<typeof planText>[1] = {}): Promise<Ran> => {
    const [input, args] = await Promise.all([readFile(file('input.yaml')), readFile(file('args'), 'utf8')]);
    return planText(input, { ...requestOf(args), ...extra });
  };
  const checkedIn = async (name: string, text: string): Promise<string> => {
    if (isUpdating) await writeFile(file(name), text);
    return readFile(file(name), 'utf8');
  };

  test('table', async () => {
    const { out, err } = await run();
    expect(err).toBe('');
    expect(out).toBe(await checkedIn('table.txt', out));
  });

  test('data', async () => {
    const { code, out } = await run({ output: 'json' });
    const report = JSON.parse(out) as PlanReport;
    expect(code).toBe(report.unplaced.length === 0 ? 0 : 2);
    // Compared as data: the checked-in file is formatted as every other.
    expect(report).toEqual(JSON.parse(await checkedIn('plan.json', out)));
  });

  test('explanation', async () => {
    const { out } = await run({ explain: await interesting(run) });
    expect(out).toBe(await checkedIn('explain.txt', out));
  });
});

/** The distribution that someone would ask about: one with something unplaced, else with a move, else the first. */
async function interesting(run: (extra: { output: 'json' }) => Promise<Ran>): Promise<string> {
  const { out } = await run({ output: 'json' });
  const { unplaced, moves, assignments } = JSON.parse(out) as PlanReport;
  const one = unplaced[0] ?? moves[0] ?? assignments[0];
  return `${one?.namespace}/${one?.distribution}`;
}
