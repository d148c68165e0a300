import { place, type Snapshot } from '@kasmcloud/placement';
import { Findings, findingLines } from './input/problems.ts';
import { readObjects } from './input/objects.ts';
import { readSources } from './input/sources.ts';
import { buildReport } from './report/build.ts';
import { explanationOf, type ExplanationReport } from './explain/explanation.ts';
import { explanationText } from './explain/text.ts';
import type { PlanReport } from './report/report.ts';
import { planTable } from './report/table.ts';
import { parseLoss } from './world/lost.ts';
import { buildWorld, type World } from './world/world.ts';
import { UserError } from '../user-error.ts';

export type Output = 'table' | 'json' | 'yaml';

export interface PlanRequest {
  /** Files, folders, or `-`. */
  readonly files: readonly string[];
  readonly output: Output;
  /** `namespace/name` of a Distribution to explain: instead of the table, or beside the rest of the data. */
  readonly explain?: string;
  readonly rebalance: boolean;
  readonly lost: readonly string[];
}

export interface PlanStreams {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** 0: everything has a place. 2: something has none. 1: the input is not good. */
export type ExitCode = 0 | 1 | 2;

/**
 * Plans what the input asks for, and says it. Only the plan goes to `out`.
 *
 * @throws {UserError} for an option that names nothing.
 */
export async function runPlan(request: PlanRequest, streams: PlanStreams): Promise<ExitCode> {
  const losses = request.lost.map(parseLoss);
  const findings = new Findings();
  const objects = readObjects(await readSources(request.files, streams.stdin), findings);
  // What is wrong by itself is told alone: that others then miss it would only distract.
  const world = findings.errors.length === 0 ? buildWorld(objects, losses, findings) : undefined;
  for (const line of findingLines(findings)) streams.err(`${line}\n`);
  if (world === undefined || findings.errors.length > 0) return 1;
  const { clusters, distributions } = world.snapshot;
  if (clusters.length + distributions.length === 0)
    throw new UserError('there is nothing to plan: the input holds neither clusters nor distributions');
  const snapshot = request.rebalance ? rebalanced(world.snapshot) : world.snapshot;
  const plan = place(snapshot);
  const shown: World = { ...world, snapshot };
  const report = buildReport(shown, plan);
  const explanation = request.explain === undefined ? undefined : explanationOf(shown, plan, request.explain);
  const table = (): string =>
    explanation === undefined ? planTable(shown, plan, report) : explanationText(explanation);
  streams.out(await written({ ...report, ...(explanation && { explanation }) }, request.output, table));
  return plan.distributions.some(({ unplaced }) => unplaced.length > 0) ? 2 : 0;
}

/** What stands may move to where it would be placed anew. */
const rebalanced = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  distributions: snapshot.distributions.map((one) => ({ ...one, converge: true })),
});

async function written(
  report: PlanReport & { readonly explanation?: ExplanationReport },
  output: Output,
  table: () => string,
): Promise<string> {
  switch (output) {
    case 'table':
      return table();
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      return stringify(report, { lineWidth: 0, aliasDuplicateObjects: false });
    }
  }
}
