import type { ActorObject, ProviderObject } from '@kasmcloud/kube-api';
import { avoidanceOf, currentOf, placementsByKey, type Avoidance, type Current } from '@kasmcloud/placement';
import type { InputObjects } from '../input/objects.ts';
import type { Findings } from '../input/problems.ts';
import type { Inventory } from './inventory.ts';
import type { Wish } from './wishes.ts';
import { StandingReader } from './workloads.ts';

/** What runs now, and what was decided. */
export interface Standing {
  /** By cluster. */
  readonly actors: ReadonlyMap<string, readonly ActorObject[]>;
  readonly providers: ReadonlyMap<string, readonly ProviderObject[]>;
  /** By key of the Distribution. */
  readonly current: ReadonlyMap<string, readonly Current[]>;
  readonly avoid: ReadonlyMap<string, readonly Avoidance[]>;
  /** What the specs wanted when the Placements were decided, as far as these say. */
  readonly intents: ReadonlyMap<string, readonly string[]>;
  /** Whether the replicas of a workload are counted in `current`. */
  readonly isOurs: (workload: ActorObject | ProviderObject) => boolean;
}

/**
 * What stands is what a Placement says, for its Distribution and cluster; where there is none, what the Actors and
 * Providers say. What belongs to no Distribution of the input only takes room.
 */
export function readStanding(
  objects: InputObjects,
  inventory: Inventory,
  wishes: ReadonlyMap<string, Wish>,
  findings: Findings,
): Standing {
  const reader = new StandingReader(inventory, wishes, findings);
  const placements = objects.placements.flatMap((one) => reader.placement(one) ?? []);
  const actors = objects.actors.flatMap((one) => reader.actor(one) ?? []);
  const providers = objects.providers.flatMap((one) => reader.provider(one) ?? []);
  const stored = placementsByKey(placements);
  const workloads = Map.groupBy(
    [...actors, ...providers].filter(({ owner }) => owner !== undefined),
    ({ owner }) => owner ?? '',
  );
  const current = new Map<string, Current[]>();
  for (const key of wishes.keys()) {
    const decided = stored.get(key) ?? [];
    const covered = new Set(decided.map(({ spec }) => spec.cluster));
    const places = decided.flatMap(currentOf);
    const named = new Set(places.map(({ cluster, host }) => `${cluster}/${host}`));
    const seen = (workloads.get(key) ?? []).flatMap(({ cluster, object, instances }): Current[] => {
      const { hostName: host } = object.spec;
      if (!covered.has(cluster)) return [{ cluster, host, replicas: instances }];
      // What runs where the decision names nobody was replaced while its host was away.
      return named.has(`${cluster}/${host}`) ? [] : [{ cluster, host, replicas: 0, returned: instances }];
    });
    current.set(key, [...places, ...seen]);
  }
  const ours = new Set([...workloads.values()].flat().map(({ object }) => object));
  return {
    actors: objectsByCluster(actors),
    providers: objectsByCluster(providers),
    current,
    // A file has no clock: what failed in it is avoided.
    avoid: new Map([...stored].map(([key, all]) => [key, all.flatMap((one) => avoidanceOf(one, () => true))])),
    intents: new Map([...stored].map(([key, all]) => [key, all.flatMap(({ spec }) => spec.intent ?? [])])),
    isOurs: (workload) => ours.has(workload),
  };
}

const objectsByCluster = <T>(workloads: readonly { cluster: string; object: T }[]): Map<string, T[]> =>
  new Map(
    [...Map.groupBy(workloads, ({ cluster }) => cluster)].map(([cluster, all]) => [
      cluster,
      all.map(({ object }) => object),
    ]),
  );
