import { isDeepStrictEqual } from 'node:util';
import type { Host, HostEvent, HostInventory } from '@kasmcloud/wire';

/** What the lattice has shown of a legacy host: a new one only when something of it is different. */
export interface Sighting {
  readonly id: string;
  readonly lattice: string;
  readonly friendlyName: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As far as the uptime tells. */
  readonly startedAt: Moment;
  /** Undefined until the host has told it. */
  readonly inventory: Inventory | undefined;
  /** The host said good-bye. */
  readonly stopped: boolean;
  /** Friendly names of other hosts that answer under the same id. */
  readonly rivals: readonly string[];
}

export type Inventory = Pick<HostInventory, 'components' | 'providers'>;

/** A moment on both scales of the clock, milliseconds: `now` since the epoch, and one that never jumps. */
export interface Moment {
  readonly now: number;
  readonly steady: number;
}

/** Uptimes are whole seconds and travel: a start that differs by less is the same. */
const START_TOLERANCE_MS = 5_000;

const startOf = (uptimeSeconds: number, { now, steady }: Moment): Moment => ({
  now: now - uptimeSeconds * 1_000,
  steady: steady - uptimeSeconds * 1_000,
});

const isSameStart = (a: Moment, b: Moment): boolean => Math.abs(a.steady - b.steady) < START_TOLERANCE_MS;

/** Whether both show one run of one process. */
export const isSameRun = (a: Sighting, b: Sighting): boolean =>
  a.friendlyName === b.friendlyName && isSameStart(a.startedAt, b.startedAt);

/** `before` itself when nothing is different, so that whoever wrote it knows that it is written. */
export function settled(before: Sighting | undefined, next: Sighting): Sighting {
  if (before === undefined) return next;
  const candidate = {
    ...next,
    // The steady scale decides: a wall clock that was set is no new start.
    ...(isSameStart(before.startedAt, next.startedAt) && { startedAt: before.startedAt }),
    ...(isDeepStrictEqual(before.inventory, next.inventory) && { inventory: before.inventory }),
  };
  return isDeepStrictEqual(before, candidate) ? before : candidate;
}

/** What every sign of life tells. */
const alive = (
  id: string,
  lattice: string,
  said: Pick<HostInventory, 'friendly_name' | 'labels' | 'uptime_seconds'>,
  moment: Moment,
): Pick<Sighting, 'id' | 'lattice' | 'friendlyName' | 'labels' | 'startedAt' | 'stopped'> => ({
  id,
  lattice,
  friendlyName: said.friendly_name,
  labels: said.labels,
  startedAt: startOf(said.uptime_seconds, moment),
  stopped: false,
});

export const sightingOfPing = (
  host: Host,
  lattice: string,
  before: Sighting | undefined,
  moment: Moment,
): Sighting => ({
  ...alive(host.id, lattice, host, moment),
  version: host.version ?? before?.version ?? '',
  // What it ran before it stopped says nothing of what it runs now.
  inventory: before?.stopped === true ? undefined : before?.inventory,
  rivals: before?.rivals ?? [],
});

export const sightingOfHeartbeat = (
  id: string,
  data: HostInventory,
  lattice: string,
  before: Sighting | undefined,
  moment: Moment,
): Sighting => ({
  ...alive(id, lattice, data, moment),
  version: data.version,
  inventory: { components: data.components, providers: data.providers },
  rivals: before?.rivals ?? [],
});

export const sightingOfStart = (
  id: string,
  data: Extract<HostEvent, { name: 'host_started' }>['data'],
  lattice: string,
  moment: Moment,
): Sighting => ({
  ...alive(id, lattice, data, moment),
  version: data.version,
  inventory: nothing,
  rivals: [],
});

const nothing: Inventory = { components: [], providers: [] };

/** What a host ran has gone with it. */
export const stoppedSighting = (before: Sighting): Sighting => ({ ...before, inventory: nothing, stopped: true });

/**
 * Of several hosts that answer under one id, the one that counts: the run that is known already, else the one that started
 * first. The others are told by name.
 */
export function amongRivals(answers: readonly Sighting[], before: Sighting | undefined): Sighting | undefined {
  const runs = answers.filter((one, at) => answers.findIndex((other) => isSameRun(one, other)) === at);
  const chosen =
    runs.find((one) => before !== undefined && isSameRun(one, before)) ??
    runs.toSorted((a, b) => a.startedAt.steady - b.startedAt.steady || (a.friendlyName < b.friendlyName ? -1 : 1))[0];
  if (chosen === undefined) return undefined;
  const rivals = runs.filter((one) => one !== chosen).map(({ friendlyName }) => friendlyName);
  return { ...chosen, rivals: [...new Set(rivals)].toSorted((a, b) => (a < b ? -1 : 1)).slice(0, MAX_RIVALS) };
}

const MAX_RIVALS = 5;
