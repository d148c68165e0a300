import {
  conditionTypes,
  isConditionTrue,
  type ActorObject,
  type HostObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { humanUptime, RUNTIME_LABEL, type Host, type HostInventory } from '@kasmcloud/wire';

/** What is known of one member. */
export interface MemberView {
  readonly hostObjects: readonly HostObject[];
  actorsOn(lattice: string, hostName: string): readonly ActorObject[];
  providersOn(lattice: string, hostName: string): readonly ProviderObject[];
}

export interface SpokenComponent {
  readonly id: string;
  readonly image: string;
  readonly instances: number;
}

export interface SpokenProvider {
  readonly id: string;
  readonly image: string;
}

/** A KasmCloud host as its lattice is told of it. */
export interface SpokenHost {
  /** Public key by which the lattice knows it. */
  readonly id: string;
  readonly friendlyName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string;
  /** A host that is not Ready is silent, but nobody said that it has stopped. */
  readonly alive: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number | undefined;
  /** By id. */
  readonly components: ReadonlyMap<string, SpokenComponent>;
  readonly providers: ReadonlyMap<string, SpokenProvider>;
}

/** The KasmCloud hosts of all members that serve the lattice, by id. */
export function spokenHosts(lattice: string, members: readonly MemberView[]): Map<string, SpokenHost> {
  const hosts = new Map<string, SpokenHost>();
  for (const member of members) {
    for (const host of member.hostObjects) {
      const { metadata, spec, status } = host;
      const id = idOfOurs(host);
      if (id === undefined || metadata.deletionTimestamp !== undefined) continue;
      if (!serves(spec.lattices, lattice)) continue;
      const startedAt = status?.startedAt === undefined ? Number.NaN : Date.parse(status.startedAt);
      hosts.set(id, {
        id,
        friendlyName: status?.friendlyName ?? metadata.name,
        labels: { ...status?.labels, ...metadata.labels, [RUNTIME_LABEL]: 'kasmcloud' },
        version: semanticVersion(status?.version),
        alive: isConditionTrue(status?.conditions, conditionTypes.ready),
        startedAt: Number.isNaN(startedAt) ? undefined : startedAt,
        components: componentsOf(member.actorsOn(lattice, metadata.name)),
        providers: providersOf(member.providersOn(lattice, metadata.name)),
      });
    }
  }
  return hosts;
}

/** The lattice's name of a host that resources drive; undefined for a legacy host, or before it has told its id. */
export const idOfOurs = ({ status }: HostObject): string | undefined =>
  status?.runtime === 'kasmcloud' ? status.hostId : undefined;

const serves = (lattices: readonly string[] | undefined, lattice: string): boolean =>
  lattices !== undefined && (lattices.includes('*') || lattices.includes(lattice));

// wadm drops the heartbeat of a host whose version is no semantic version.
const semanticVersion = (version: string | undefined): string =>
  version !== undefined && /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(version) ? version : '0.0.0';

function componentsOf(actors: readonly ActorObject[]): Map<string, SpokenComponent> {
  const components = new Map<string, SpokenComponent>();
  for (const { spec, status } of byName(actors)) {
    const instances = status?.instances ?? spec.instances;
    if (instances === 0 || !isConditionTrue(status?.conditions, conditionTypes.ready)) continue;
    const known = components.get(spec.id);
    // Two Actors of one id on one host are one component there, with the room of both.
    const image = known?.image ?? status?.image ?? spec.image;
    components.set(spec.id, { id: spec.id, image, instances: instances + (known?.instances ?? 0) });
  }
  return components;
}

function providersOf(providers: readonly ProviderObject[]): Map<string, SpokenProvider> {
  const running = byName(providers).filter(({ status }) => isConditionTrue(status?.conditions, conditionTypes.ready));
  return new Map(running.map(({ spec }) => [spec.id, { id: spec.id, image: spec.image }]));
}

const byName = <T extends ActorObject | ProviderObject>(objects: readonly T[]): T[] =>
  objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

const uptimeSeconds = ({ startedAt }: SpokenHost, now: number): number =>
  startedAt === undefined ? 0 : Math.max(0, Math.floor((now - startedAt) / 1_000));

/** Reply of `host.get`, and data of `host_heartbeat`. */
export function toInventory(host: SpokenHost, now: number): HostInventory {
  const uptime = uptimeSeconds(host, now);
  return {
    components: Array.from(host.components.values(), ({ id, image, instances }) => ({
      id,
      image_ref: image,
      annotations: {},
      revision: 0,
      max_instances: instances,
      limits: null,
    })),
    providers: Array.from(host.providers.values(), ({ id, image }) => ({
      id,
      image_ref: image,
      annotations: {},
      revision: 0,
    })),
    host_id: host.id,
    friendly_name: host.friendlyName,
    labels: { ...host.labels },
    version: host.version,
    uptime_human: humanUptime(uptime),
    uptime_seconds: uptime,
  };
}

/** Reply of `host.ping`. */
export function toHost(host: SpokenHost, lattice: string, now: number): Host {
  const uptime = uptimeSeconds(host, now);
  return {
    id: host.id,
    friendly_name: host.friendlyName,
    labels: { ...host.labels },
    lattice,
    uptime_human: humanUptime(uptime),
    uptime_seconds: uptime,
    version: host.version,
  };
}
