import type { Host, HostEvent, HostInventory } from '@kasmcloud/wire';

/** What the lattice has shown of a legacy host so far. */
export interface Sighting {
  readonly id: string;
  readonly lattice: string;
  readonly friendlyName: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, as far as the uptime tells. */
  readonly startedAt: number | undefined;
  /** Undefined until the host has told it. */
  readonly inventory: Pick<HostInventory, 'components' | 'providers'> | undefined;
  /** The host said good-bye. */
  readonly stopped: boolean;
  /** Of the last sign of life, on the clock's steady scale. */
  readonly seenAt: number;
}

/** A moment, on both scales of the clock. */
export interface Moment {
  readonly now: number;
  readonly steady: number;
}

/** A server nkey, as host ids are. */
export const isHostId = (id: string): boolean => /^N[A-Z2-7]{55}$/.test(id);

const startOf = (uptimeSeconds: number, { now }: Moment): number => now - uptimeSeconds * 1_000;

export const sightingOfPing = (
  host: Host,
  lattice: string,
  before: Sighting | undefined,
  moment: Moment,
): Sighting => ({
  id: host.id,
  lattice,
  friendlyName: host.friendly_name,
  version: host.version ?? before?.version ?? '',
  labels: host.labels,
  startedAt: startOf(host.uptime_seconds, moment),
  inventory: before?.inventory,
  stopped: false,
  seenAt: moment.steady,
});

export const sightingOfHeartbeat = (id: string, data: HostInventory, lattice: string, moment: Moment): Sighting => ({
  id,
  lattice,
  friendlyName: data.friendly_name,
  version: data.version,
  labels: data.labels,
  startedAt: startOf(data.uptime_seconds, moment),
  inventory: { components: data.components, providers: data.providers },
  stopped: false,
  seenAt: moment.steady,
});

export const sightingOfStart = (
  id: string,
  data: Extract<HostEvent, { name: 'host_started' }>['data'],
  lattice: string,
  moment: Moment,
): Sighting => ({
  id,
  lattice,
  friendlyName: data.friendly_name,
  version: data.version,
  labels: data.labels,
  startedAt: startOf(data.uptime_seconds, moment),
  inventory: { components: [], providers: [] },
  stopped: false,
  seenAt: moment.steady,
});
