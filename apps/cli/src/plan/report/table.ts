import {
  plannedCounts,
  standingCounts,
  type Counts,
  type Distribution,
  type DistributionPlan,
  type Plan,
} from '@kasmcloud/placement';
import type { World } from '../world/world.ts';
import { causeText } from './causes.ts';
import { spotOf } from './differences.ts';
import type { Move, PlanReport, Spot } from './report.ts';
import { plural, reasonWords } from './words.ts';

/** Hosts that keep what they have are listed up to this many for each cluster. */
const UNCHANGED_SHOWN = 8;
const MOVES_SHOWN = 20;

/** In a plan of more distributions than this, those that stay as they are take one line each. */
const DETAILED = 20;

/** The report for someone who is about to press the button: what changes and why, then one line for all of it. */
export function planTable({ snapshot }: World, plan: Plan, report: PlanReport): string {
  const distributions = new Map(snapshot.distributions.map((one) => [one.key, one]));
  const moves = Map.groupBy(report.moves, keyOf);
  const unplaced = Map.groupBy(report.unplaced, keyOf);
  const skew = Map.groupBy(report.skew, keyOf);
  const sections = plan.distributions.flatMap((planned) => {
    const distribution = distributions.get(planned.key);
    if (distribution === undefined) return [];
    const own = { moves: moves.get(planned.key), unplaced: unplaced.get(planned.key), skew: skew.get(planned.key) };
    const isQuiet = own.moves === undefined && own.unplaced === undefined;
    if (isQuiet && plan.distributions.length > DETAILED) return [`${titleOf(distribution, planned)}, as they are`];
    return [section(distribution, planned, own)];
  });
  return [...sections, summary(report), `plan ${report.planHash}`].map((part) => `${part}\n`).join('\n');
}

const keyOf = (one: { readonly namespace: string; readonly distribution: string }): string =>
  `${one.namespace}/${one.distribution}`;

/** `12 to start, 3 to stop, 1 move (least possible: 1), 2 unplaced`. */
export function summary({ moves, unplaced, lowerBoundMoves }: PlanReport): string {
  const moved = total(moves.filter(({ from, to }) => from !== null && to !== null));
  return [
    `${total(moves.filter(({ from }) => from === null))} to start`,
    `${total(moves.filter(({ to }) => to === null))} to stop`,
    `${plural(moved, 'move')} (least possible: ${lowerBoundMoves})`,
    `${total(unplaced)} unplaced`,
  ].join(', ');
}

const total = (list: readonly { replicas: number }[]): number => list.reduce((sum, one) => sum + one.replicas, 0);

const titleOf = ({ mode }: Distribution, { key, placed, desired }: DistributionPlan): string =>
  `${key}  ${mode}, ${placed} of ${plural(desired, 'replica')} placed`;

/** The parts of a report that are about one distribution. */
type OwnParts = { readonly [Part in 'moves' | 'unplaced' | 'skew']: PlanReport[Part] | undefined };

function section(distribution: Distribution, planned: DistributionPlan, own: OwnParts): string {
  const { moves = [], unplaced = [], skew = [] } = own;
  const lines = [
    titleOf(distribution, planned),
    ...countLines(standingCounts(distribution.current), plannedCounts(planned)),
    ...moveLines(moves),
    ...unplaced.flatMap(({ reasons }) => reasons.map((reason) => `  unplaced  ${causeText(reason)}`)),
    ...skew.map(({ topologyKey, value, max }) =>
      max === null
        ? `  skew      ${topologyKey}: ${value} off its share`
        : `  skew      ${topologyKey}: ${value} (most: ${max})`,
    ),
    ...planned.unsupported.map((field) => `  ignored   ${field}: the planner does not honour it yet`),
  ];
  return lines.join('\n');
}

type Row = readonly [place: string, now: string, plan: string, change: string];

function countLines(before: Counts, after: Counts): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  if (paths.length === 0) return [];
  const rows: Row[] = [['CLUSTER / HOST', 'NOW', 'PLAN', '±']];
  for (const [cluster, inside] of Map.groupBy(paths, (path) => spotOf(path).cluster)) {
    const changed = inside.filter((path) => before.get(path) !== after.get(path));
    const same = inside.filter((path) => before.get(path) === after.get(path));
    const shown = new Set([...changed, ...same.slice(0, same.length > UNCHANGED_SHOWN ? 0 : UNCHANGED_SHOWN)]);
    rows.push(row(cluster, sumOf(before, inside), sumOf(after, inside)));
    for (const path of inside.filter((one) => shown.has(one)))
      rows.push(row(`  ${spotOf(path).host}`, before.get(path) ?? 0, after.get(path) ?? 0));
    const hidden = inside.filter((path) => !shown.has(path));
    if (hidden.length > 0)
      rows.push(row(`  ${hidden.length} hosts as they are`, sumOf(before, hidden), sumOf(after, hidden)));
  }
  return aligned(rows);
}

const sumOf = (counts: Counts, paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + (counts.get(path) ?? 0), 0);

const row = (place: string, now: number, plan: number): Row => [place, String(now), String(plan), signed(plan - now)];

const signed = (change: number): string => (change === 0 ? '' : change > 0 ? `+${change}` : `−${-change}`);

function aligned(rows: readonly Row[]): string[] {
  const width = (column: 0 | 1 | 2 | 3): number => Math.max(...rows.map((cells) => cells[column].length));
  const widths = [width(0), width(1), width(2), width(3)] as const;
  return rows.map(([place, now, plan, change]) =>
    [`  ${place.padEnd(widths[0])}`, now.padStart(widths[1]), plan.padStart(widths[2]), change.padStart(widths[3])]
      .join('  ')
      .trimEnd(),
  );
}

/** What the counts already tell is not told again. */
const plain: ReadonlySet<string> = new Set(['New', 'ScaleUp', 'ScaleDown']);

function moveLines(moves: readonly Move[]): string[] {
  const told = moves.filter(({ reason }) => !plain.has(reason));
  const lines = told.slice(0, MOVES_SHOWN).map(({ from, to, replicas, reason, gain }) => {
    const worth = gain > 0 ? `, gain ${gain}` : '';
    return (
      `  ${verbOf(from, to, reason)}`.padEnd(12) + `${replicas} × ${wayText(from, to)}: ${reasonWords(reason)}${worth}`
    );
  });
  const hidden = told.length - lines.length;
  return hidden === 0 ? lines : [...lines, `  …         and ${hidden} more`];
}

function verbOf(from: Spot | null, to: Spot | null, reason: string): string {
  if (from === null) return 'start';
  if (to !== null) return 'move';
  return vanished.has(reason) ? 'lost' : 'stop';
}

/** Replicas with their hosts: nobody stops them. */
const vanished: ReadonlySet<string> = new Set(['HostGone', 'HostLost', 'ClusterLost']);

const wayText = (from: Spot | null, to: Spot | null): string =>
  [from, to].flatMap((spot) => (spot === null ? [] : [`${spot.cluster}/${spot.host}`])).join(' → ');
