import type { Condition, PlacementObject, PlacementStatus } from '@kasmcloud/kube-api';

export type Failure = NonNullable<PlacementStatus['failures']>[number];

/** A failure with where it was: `cluster/host`, or the cluster alone. */
export interface PlacedFailure {
  readonly place: string;
  readonly failure: Failure;
}

/** How the start of a workload on a host went. */
export interface Start {
  readonly host: string;
  readonly revision: string;
  /** `Refused`: for what was asked, so that it does not count against the host. */
  readonly outcome: 'Ready' | 'Failed' | 'Refused' | 'Open';
  readonly reason: string;
  readonly message: string;
  /** RFC 3339: since when the outcome is what it is. */
  readonly time: string;
}

export interface FailureFacts {
  readonly placement: PlacementObject;
  /** What the workloads of the Placement in its member say. */
  readonly starts: readonly Start[];
  /** Whether the write into the member was refused: the condition `Applied`. */
  readonly applied: Condition | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** As many as the schema holds. */
const MOST = 64;
const FIRST_MS = 60_000;
const LONGEST_MS = 30 * 60_000;

/** Reasons of starts and of writes that are about what was asked for. */
const OF_THE_SPEC: ReadonlySet<string> = new Set([
  'ConfigMissing',
  'ContainersOff',
  'InvalidAddress',
  'InvalidComponent',
  'InvalidLimits',
  'SecretNotCarried',
]);

/** How long a place is avoided after so many failures in a row: twice as long each time. */
export const avoidanceMs = ({ count = 1 }: Pick<Failure, 'count'>): number =>
  Math.min(FIRST_MS * 2 ** Math.min(count - 1, 30), LONGEST_MS);

/** When a failure is forgiven, in milliseconds since the epoch. */
export const forgivenAt = (failure: Failure): number => Date.parse(failure.time) + avoidanceMs(failure);

/** Until when a further failure counts as one in a row, in milliseconds since the epoch. */
export const forgottenAt = (failure: Failure): number => forgivenAt(failure) + avoidanceMs(failure);

/**
 * The failures of a Placement, in order of host and revision. A failure ends when its revision is Ready at that place, and
 * is forgotten when it was forgiven for as long as it was avoided. Equal facts give an equal list.
 */
export function failuresOf({ placement, starts, applied, now }: FailureFacts): Failure[] {
  const { spec, status, metadata } = placement;
  const revisions = new Set([spec.revision, ...spec.hosts.map(({ revision }) => revision ?? spec.revision)]);
  const kept = new Map<string, Failure>();
  for (const failure of status?.failures ?? []) {
    if (now < forgottenAt(failure) && revisions.has(failure.revision)) kept.set(placeOf(failure), failure);
  }
  for (const start of starts) {
    if (start.outcome === 'Failed') note(kept, start);
    else if (start.outcome === 'Ready' && kept.size > 0) kept.delete(placeOf(start));
  }
  const write = refusedWrite(applied, spec.revision);
  if (write !== undefined) {
    if (!isOfTheSpec(write)) note(kept, write);
  } else if (spec.hosts.length > 0 && applied?.observedGeneration === metadata.generation) {
    // Only a write that put something there proves that the cluster takes it.
    kept.delete(placeOf({ host: '', revision: spec.revision }));
  }
  return [...kept.values()]
    .toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time))
    .slice(0, MOST)
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** The write into a member that was refused, as a failure of the whole cluster. */
export function refusedWrite(applied: Condition | undefined, revision: string): Failure | undefined {
  if (applied?.status !== 'False') return undefined;
  const { reason, message, lastTransitionTime: time } = applied;
  return { host: '', revision, reason, message, time };
}

/** Whether a start or a write was refused for what was asked: no other host or cluster would do better. */
export const isOfTheSpec = ({ reason }: Pick<Failure, 'reason'>): boolean => OF_THE_SPEC.has(reason);

/** What failed at the same moment is the same failure, told again. */
function note(kept: Map<string, Failure>, { host, revision, reason, message, time }: Omit<Failure, 'count'>): void {
  const place = placeOf({ host, revision });
  const before = kept.get(place);
  if (before?.time === time) return;
  kept.set(place, {
    host,
    revision,
    reason: reason.slice(0, 63),
    message: message.slice(0, 1024),
    time,
    count: (before?.count ?? 0) + 1,
  });
}

const placeOf = ({ host, revision }: Pick<Failure, 'host' | 'revision'>): string => `${host} ${revision}`;
