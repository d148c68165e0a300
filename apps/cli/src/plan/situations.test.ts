import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labels, WasmCloudActor, WasmCloudPlacement, WasmCloudProvider } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { planText, requestOf, type Ran } from './plan.fixture.ts';
import type { PlanReport, Spot } from './report/report.ts';

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

describe('the moves of every situation', () => {
  test.for(situations)('%s: lead from what stands to the assignments', async (situation) => {
    const [input, plan] = await Promise.all(
      ['input.yaml', 'plan.json'].map((file) => readFile(join(folder, situation, file), 'utf8')),
    );
    const report = JSON.parse(plan ?? '') as PlanReport;
    const counts = standing(parseAllDocuments(input ?? '').map((document) => document.toJS() as Seen));
    const add = (distribution: string, spot: Spot | null, replicas: number): void => {
      const place = `${distribution} ${spot?.cluster}/${spot?.host}`;
      if (spot !== null) counts.set(place, (counts.get(place) ?? 0) + replicas);
    };
    for (const { distribution, from, to, replicas } of report.moves) {
      add(distribution, from, -replicas);
      add(distribution, to, replicas);
    }
    const want = report.assignments.map(({ distribution, cluster, host, replicas }) => [
      `${distribution} ${cluster}/${host}`,
      replicas,
    ]);
    expect(Object.fromEntries([...counts].filter(([, count]) => count !== 0))).toEqual(Object.fromEntries(want));
  });
});

/** What the objects of the situations have in common, as far as it says what stands. */
interface Seen {
  readonly kind: string;
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly distribution?: string;
    readonly cluster?: string;
    readonly hosts?: readonly { readonly host: string; readonly replicas: number }[];
    readonly hostName?: string;
    readonly instances?: number;
  };
}

function standing(objects: readonly Seen[]): Map<string, number> {
  return new Map(
    objects.flatMap(({ kind, metadata, spec }): [string, number][] => {
      const { distribution, cluster, hosts, hostName, instances = 1 } = spec ?? {};
      if (kind === WasmCloudPlacement.kind && Array.isArray(hosts))
        return hosts.map(({ host, replicas }) => [`${distribution} ${cluster}/${host}`, replicas]);
      if (kind !== WasmCloudActor.kind && kind !== WasmCloudProvider.kind) return [];
      const { [labels.distribution]: owner, [labels.cluster]: inside } = metadata.labels ?? {};
      return [[`${owner} ${inside}/${hostName}`, instances]];
    }),
  );
}

/** The distribution that someone would ask about: one with something unplaced, else with a move, else the first. */
async function interesting(run: (extra: { output: 'json' }) => Promise<Ran>): Promise<string> {
  const { out } = await run({ output: 'json' });
  const { unplaced, moves, assignments } = JSON.parse(out) as PlanReport;
  const one = unplaced[0] ?? moves[0] ?? assignments[0];
  return `${one?.namespace}/${one?.distribution}`;
}
