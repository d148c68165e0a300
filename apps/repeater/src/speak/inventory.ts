import {
  annotations,
  conditionTypes,
  findCondition,
  isConditionTrue,
  taintKeys,
  type ActorObject,
  type HostObject,
  type KubeObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { humanUptime, isHostId, RUNTIME_LABEL, type Host, type HostInventory } from '@kasmcloud/wire';
import { annotatedTexts } from '../annotated.ts';
import { byName } from '../by-name.ts';
import { latticeLimits, type LatticeLimits } from '../limits.ts';

/** What is known of one member. */
export interface MemberView {
  readonly name: string;
  /** Hosts that resources drive. */
  readonly ourHosts: readonly HostObject[];
  actorsOn(lattice: string, hostName: string): readonly ActorObject[];
  providersOn(lattice: string, hostName: string): readonly ProviderObject[];
}

/** Annotations as who started something over the lattice gave them: wadm knows its own by them. */
export type LatticeAnnotations = Readonly<Record<string, string>>;

export interface SpokenProvider {
  readonly id: string;
  readonly image: string;
  readonly annotations: LatticeAnnotations;
}

export interface SpokenComponent extends SpokenProvider {
  readonly instances: number;
}

export interface RunningComponent extends SpokenComponent {
  readonly limits: LatticeLimits;
}

/** A start or change that its host could not carry out. */
export type SpokenFailure = { readonly error: string } & (
  ({ readonly kind: 'component' } & SpokenComponent) | ({ readonly kind: 'provider' } & SpokenProvider)
);

/** A KasmCloud host as its lattice is told of it. */
export interface SpokenHost {
  /** Public key by which the lattice knows it. */
  readonly id: string;
  /** Its WasmCloudHost. */
  readonly object: { readonly cluster: string; readonly name: string };
  readonly friendlyName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string;
  /** A host that is not Ready is silent, but nobody said that it has stopped. */
  readonly alive: boolean;
  /** Whether something new may be placed here. */
  readonly schedulable: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number | undefined;
  /** By id. */
  readonly components: ReadonlyMap<string, RunningComponent>;
  readonly providers: ReadonlyMap<string, SpokenProvider>;
  /** By kind and id. */
  readonly failures: ReadonlyMap<string, SpokenFailure>;
}

/** The KasmCloud hosts of all members that serve the lattice, by id; of several with one id the first that is alive. */
export function spokenHosts(lattice: string, members: readonly MemberView[]): Map<string, SpokenHost> {
  const hosts = new Map<string, SpokenHost>();
  for (const member of members) {
    for (const host of member.ourHosts) {
      const { metadata, spec, status } = host;
      const id = idOfOurs(host);
      if (id === undefined || metadata.deletionTimestamp !== undefined) continue;
      if (!serves(spec.lattices, lattice) || isStopped(host)) continue;
      const alive = isConditionTrue(status?.conditions, conditionTypes.ready);
      const known = hosts.get(id);
      if (known !== undefined && (known.alive || !alive)) continue;
      const actors = member.actorsOn(lattice, metadata.name);
      const providers = member.providersOn(lattice, metadata.name);
      const startedAt = status?.startedAt === undefined ? Number.NaN : Date.parse(status.startedAt);
      hosts.set(id, {
        id,
        object: { cluster: member.name, name: metadata.name },
        friendlyName: status?.friendlyName ?? metadata.name,
        labels: { ...status?.labels, ...metadata.labels, [RUNTIME_LABEL]: 'kasmcloud' },
        version: semanticVersion(status?.version),
        alive,
        schedulable: spec.unschedulable !== true && !spec.taints?.some(({ effect }) => effect !== 'PreferNoSchedule'),
        startedAt: Number.isNaN(startedAt) ? undefined : startedAt,
        components: componentsOf(actors),
        providers: providersOf(providers),
        failures: failuresOf(actors, providers),
      });
    }
  }
  return hosts;
}

/** The lattice's name of a host that resources drive; undefined for a legacy host, or before it has told an id. */
export const idOfOurs = ({ status }: HostObject): string | undefined =>
  // Whoever may write a host's status could write there what is no part of a subject.
  status?.runtime === 'kasmcloud' && isHostId(status.hostId ?? '') ? status.hostId : undefined;

/** A client of the lattice stopped it, and nobody has taken that back. */
const isStopped = ({ spec }: HostObject): boolean => spec.taints?.some(({ key }) => key === taintKeys.stopped) === true;

const serves = (lattices: readonly string[] | undefined, lattice: string): boolean =>
  lattices !== undefined && (lattices.includes('*') || lattices.includes(lattice));

// wadm drops the heartbeat of a host whose version is no semantic version.
const semanticVersion = (version: string | undefined): string =>
  version !== undefined && /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(version) ? version : '0.0.0';

function componentsOf(actors: readonly ActorObject[]): Map<string, RunningComponent> {
  const components = new Map<string, RunningComponent>();
  for (const actor of byName(actors)) {
    const { spec, status } = actor;
    const instances = status?.instances ?? spec.instances;
    if (instances === 0 || !isConditionTrue(status?.conditions, conditionTypes.ready)) continue;
    const known = components.get(spec.id);
    // Two Actors of one id on one host are one component there, with the room of both.
    const image = known?.image ?? status?.image ?? spec.image;
    const total = instances + (known?.instances ?? 0);
    components.set(spec.id, {
      id: spec.id,
      image,
      instances: total,
      annotations: annotationsOf(actor),
      limits: known?.limits ?? latticeLimits(spec.limits),
    });
  }
  return components;
}

function providersOf(providers: readonly ProviderObject[]): Map<string, SpokenProvider> {
  const running = byName(providers).filter(({ status }) => isConditionTrue(status?.conditions, conditionTypes.ready));
  return new Map(running.map((one) => [one.spec.id, toProvider(one)]));
}

const toProvider = (provider: ProviderObject): SpokenProvider => ({
  id: provider.spec.id,
  image: provider.spec.image,
  annotations: annotationsOf(provider),
});

function failuresOf(actors: readonly ActorObject[], providers: readonly ProviderObject[]): Map<string, SpokenFailure> {
  const failures = new Map<string, SpokenFailure>();
  for (const actor of byName(actors)) {
    const { id, image, instances } = actor.spec;
    const error = errorOf(actor);
    if (error === undefined) continue;
    failures.set(`component ${id}`, {
      kind: 'component',
      id,
      image,
      instances,
      annotations: annotationsOf(actor),
      error,
    });
  }
  for (const provider of byName(providers)) {
    const error = errorOf(provider);
    if (error === undefined) continue;
    failures.set(`provider ${provider.spec.id}`, { kind: 'provider', ...toProvider(provider), error });
  }
  return failures;
}

/** Why the host does not run what the object says now; undefined when it does, or has not said. */
function errorOf({ metadata, status }: ActorObject | ProviderObject): string | undefined {
  const ready = findCondition(status?.conditions, conditionTypes.ready);
  if (ready?.status !== 'False' || status?.observedGeneration !== metadata.generation) return undefined;
  return ready.message === '' ? ready.reason : `${ready.reason}: ${ready.message}`;
}

/** What the annotation says, as far as it is text by text. */
export const annotationsOf = (object: Pick<KubeObject, 'metadata'>): LatticeAnnotations =>
  annotatedTexts(object, annotations.latticeAnnotations);

const uptimeSeconds = ({ startedAt }: SpokenHost, now: number): number =>
  startedAt === undefined ? 0 : Math.max(0, Math.floor((now - startedAt) / 1_000));

/** Reply of `host.get`, and data of `host_heartbeat`. */
export function toInventory(host: SpokenHost, now: number): HostInventory {
  const uptime = uptimeSeconds(host, now);
  return {
    components: Array.from(host.components.values(), ({ id, image, instances, annotations: said, limits }) => ({
      id,
      image_ref: image,
      annotations: { ...said },
      revision: 0,
      max_instances: instances,
      limits: Object.keys(limits).length === 0 ? null : { ...limits },
    })),
    providers: Array.from(host.providers.values(), ({ id, image, annotations: said }) => ({
      id,
      image_ref: image,
      annotations: { ...said },
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
