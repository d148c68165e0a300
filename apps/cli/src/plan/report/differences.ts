import type { Counts } from '@kasmcloud/placement';
import type { Move, MoveReason, Spot } from './report.ts';

export interface DifferenceInput {
  readonly key: string;
  readonly before: Counts;
  readonly after: Counts;
  /** A daemon's replica belongs to its host: it stops or starts, and never moves. */
  readonly isDaemon: boolean;
  /** Why replicas leave a host; undefined when they could have stayed. */
  readonly whyLeave: (path: string) => MoveReason | undefined;
  /** Why replicas that could have stayed move, and why they stop. */
  readonly whyMove: MoveReason;
  readonly whyStop: MoveReason;
  /** What a move of replicas that could have stayed is worth; told of every move, in their order. */
  readonly gainOf: (from: string, to: string, replicas: number) => number;
}

interface Change {
  readonly path: string;
  /** What is not yet matched with a change elsewhere. */
  replicas: number;
}

interface Stop extends Change {
  readonly cause: MoveReason | undefined;
}

/**
 * Everything that a plan changes for one distribution. A replica that stops in one place and starts in another is one
 * move; those that had to leave are matched first, within their cluster where that is possible.
 */
export function differences(input: DifferenceInput): Move[] {
  const { before, after, isDaemon, whyLeave } = input;
  const stops: Stop[] = changes(before, after).map((change) => ({ ...change, cause: whyLeave(change.path) }));
  const starts = changes(after, before);
  const forced = stops.filter(({ cause }) => cause !== undefined);
  const free = stops.filter(({ cause }) => cause === undefined);
  const moves = isDaemon ? [] : [...pairs(input, forced, starts), ...pairs(input, free, starts)];
  const ended = [...forced, ...free].filter(({ replicas }) => replicas > 0);
  const begun = starts.filter(({ replicas }) => replicas > 0);
  const whyStart = before.size === 0 ? 'New' : 'ScaleUp';
  return [
    ...ended.map(({ path, replicas, cause }) => oneSided(input.key, replicas, cause ?? input.whyStop, { from: path })),
    ...moves,
    ...begun.map(({ path, replicas }) => oneSided(input.key, replicas, whyStart, { to: path })),
  ];
}

/** Matches what stops with what starts, inside each cluster first, and takes it off both. */
function pairs(input: DifferenceInput, stops: readonly Stop[], starts: readonly Change[]): Move[] {
  const moves: Move[] = [];
  const match = (stop: Stop, choice: readonly Change[]): void => {
    for (const start of choice) {
      const replicas = Math.min(stop.replicas, start.replicas);
      if (replicas === 0) continue;
      stop.replicas -= replicas;
      start.replicas -= replicas;
      // Asked for each, because a move shifts what the next one is worth.
      const gain = input.gainOf(stop.path, start.path, replicas);
      moves.push({
        ...named(input.key),
        from: spotOf(stop.path),
        to: spotOf(start.path),
        replicas,
        reason: stop.cause ?? input.whyMove,
        gain: stop.cause === undefined ? gain : 0,
      });
      if (stop.replicas === 0) return;
    }
  };
  const near = Map.groupBy(starts, ({ path }) => spotOf(path).cluster);
  for (const stop of stops) match(stop, near.get(spotOf(stop.path).cluster) ?? []);
  for (const stop of stops) match(stop, starts);
  return moves;
}

function oneSided(
  key: string,
  replicas: number,
  reason: MoveReason,
  { from, to }: { from?: string; to?: string },
): Move {
  return {
    ...named(key),
    from: from === undefined ? null : spotOf(from),
    to: to === undefined ? null : spotOf(to),
    replicas,
    reason,
    gain: 0,
  };
}

/** Where `a` has more than `b`, in order of path. */
function changes(a: Counts, b: Counts): Change[] {
  return [...a]
    .map(([path, count]) => ({ path, replicas: count - (b.get(path) ?? 0) }))
    .filter(({ replicas }) => replicas > 0)
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** `namespace/name` in two fields. */
export function named(key: string): { namespace: string; distribution: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), distribution: key.slice(slash + 1) };
}

/** No cluster name holds a slash. */
export function spotOf(path: string): Spot {
  const slash = path.indexOf('/');
  return { cluster: path.slice(0, slash), host: path.slice(slash + 1) };
}
