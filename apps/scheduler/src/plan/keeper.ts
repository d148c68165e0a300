import {
  fieldManagers,
  finalizers,
  keyOf,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { ConflictError, InvalidError, NotFoundError, retryOnConflict, type KubeClient } from '@kasmcloud/kube';
import { rememberedFailures } from '../failures/avoidance.ts';
import { forgetRevisions, keepRevision, revisionOfStored } from '../history/revisions.ts';
import { Decided, distributionKey } from './decided.ts';
import type { PlacementDraft } from './decision.ts';
import type { Hub } from './hub.ts';
import type { Planned } from './snapshot.ts';

/** Another leader decided since: this one must stop. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

export type KeeperHub = Pick<
  Hub,
  'client' | 'clusters' | 'distributions' | 'placements' | 'placementsOf' | 'revisionsOf'
>;

/** Keeps decisions on the hub, with what they need to be carried out whatever happens to their Distribution. */
export class Keeper {
  readonly #hub: KeeperHub;
  readonly #decided = new Decided();

  constructor(hub: KeeperHub) {
    this.#hub = hub;
  }

  /** What is stored of a Distribution, by its key; what was just written included. */
  placementsOf(key: string): readonly PlacementObject[] {
    return this.#decided.over(key, this.#hub.placementsOf(key));
  }

  /** Keys of Distributions that have decisions and are not there: somebody took away what held them. */
  leftBehind(): ReadonlySet<string> {
    const keys = this.#hub.placements.list().map(distributionKey);
    return new Set(keys.filter((key) => this.#hub.distributions.get(key) === undefined));
  }

  /** Whether a Distribution is on its way out or gone. The hub itself is asked: what no watch has brought yet is not gone. */
  async isLeaving(key: string, signal: AbortSignal): Promise<boolean> {
    if (this.#hub.distributions.get(key) !== undefined) return true;
    const [namespace = '', name = ''] = key.split('/');
    return (await this.#hub.client.find(WasmCloudDistribution, name, namespace, { signal })) === undefined;
  }

  /** Whether a revision can still be made when the spec says another one. */
  hasRevision(key: string, revision: string): boolean {
    return this.#hub.revisionsOf(key).some((stored) => revisionOfStored(stored) === revision);
  }

  /** Before anything is placed, the Distribution must be unable to vanish without us, and its revision to be lost. */
  async prepare({ object, revision }: Planned, signal: AbortSignal): Promise<void> {
    await keepRevision(this.#hub.client, object, revision, this.#hub.revisionsOf(keyOf(object)), signal);
    if (object.metadata.finalizers?.includes(finalizers.placements) === true) return;
    await setFinalizers(this.#hub.client, object, withOurs, signal);
  }

  /** @throws {FencedError} */
  async store(draft: PlacementDraft, epoch: number, signal: AbortSignal): Promise<PlacementObject> {
    const object = { ...draft, spec: { ...draft.spec, epoch } };
    const options = { fieldManager: fieldManagers.planner, force: true, signal };
    try {
      const placement = await this.#hub.client.apply<PlacementObject>(WasmCloudPlacement, object, options);
      this.#decided.wrote(placement);
      return placement;
    } catch (error) {
      if (error instanceof InvalidError && error.causes.some(({ message }) => message?.includes('epoch never falls'))) {
        throw new FencedError(`placement ${keyOf(draft)} holds a decision of a later leader`, { cause: error });
      }
      throw error;
    }
  }

  /**
   * Removes decisions that are empty and carried out, and lets a Distribution go that has none left. A decision whose failures
   * are remembered stays as long as its Distribution does: the planner would go back to where it failed. `now`: milliseconds
   * since the epoch.
   */
  async tidy(key: string, now: number, signal: AbortSignal): Promise<void> {
    const hub = this.#hub;
    const distribution = hub.distributions.get(key);
    const remembers = (placement: PlacementObject): boolean =>
      distribution !== undefined && !isLeaving(distribution) && rememberedFailures(placement, now).length > 0;
    const isOver = (placement: PlacementObject): boolean =>
      isOrphaning(distribution) ||
      hub.clusters.get(placement.spec.cluster) === undefined ||
      (isCarriedOut(placement) && placement.spec.hosts.length === 0 && !remembers(placement));
    const stored = this.placementsOf(key);
    const over = stored.filter(isOver);
    for (const placement of over) await this.#remove(placement, signal);
    if (distribution !== undefined && isLeaving(distribution) && over.length === stored.length)
      await setFinalizers(hub.client, distribution, withoutOurs, signal);
  }

  /** Removes revisions beyond the history, but none that a decision or `inUse` names. */
  async forget(key: string, inUse: readonly (string | undefined)[], signal: AbortSignal): Promise<void> {
    const held = this.placementsOf(key).flatMap(({ spec }) => [
      spec.revision,
      ...spec.hosts.map(({ revision }) => revision),
    ]);
    const all = new Set([...held, ...inUse].filter((revision) => revision !== undefined));
    await forgetRevisions(this.#hub.client, this.#hub.revisionsOf(key), all, signal);
  }

  async #remove(placement: PlacementObject, signal: AbortSignal): Promise<void> {
    this.#decided.removed(placement);
    const { name, namespace, uid, resourceVersion } = placement.metadata;
    try {
      await this.#hub.client.delete(WasmCloudPlacement, name, namespace, { uid, resourceVersion, signal });
    } catch (error) {
      // Changed since it was read: the next epoch looks again.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

const withOurs = (list: readonly string[]): string[] =>
  list.includes(finalizers.placements) ? [...list] : [...list, finalizers.placements];

const withoutOurs = (list: readonly string[]): string[] => list.filter((name) => name !== finalizers.placements);

const isCarriedOut = ({ spec, status }: PlacementObject): boolean => status?.appliedEpoch === spec.epoch;

const isLeaving = ({ metadata }: DistributionObject): boolean => metadata.deletionTimestamp !== undefined;

/** Whether it goes and leaves what it placed where it is. */
export const isOrphaning = (distribution: DistributionObject | undefined): boolean =>
  distribution !== undefined && isLeaving(distribution) && distribution.spec.deletionPolicy === 'Orphan';

/** Whoever writes a status at this moment changes the version that was read. */
async function setFinalizers(
  hub: KubeClient,
  distribution: DistributionObject,
  change: (list: readonly string[]) => string[],
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace } = distribution.metadata;
  let known: DistributionObject | undefined = distribution;
  await retryOnConflict(async () => {
    known ??= await hub.find<DistributionObject>(WasmCloudDistribution, name, namespace, { signal });
    const { resourceVersion, finalizers: list = [] } = known?.metadata ?? {};
    known = undefined;
    const next = change(list);
    if (resourceVersion === undefined || next.length === list.length) return;
    const patch = { metadata: { resourceVersion, finalizers: next } };
    try {
      await hub.patch(WasmCloudDistribution, name, namespace, patch, { type: 'merge', signal });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  });
}
