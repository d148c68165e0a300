import { judge, type FilterName } from '../filter/verdict.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { takeInventory, type HostView } from '../place/inventory.ts';

/** What a host may do for a distribution. */
export interface HostVerdict {
  /** The first filter that refuses it anything new; undefined when none does. */
  readonly filter: FilterName | undefined;
  /** Whether a replica that runs there may stay. */
  readonly stays: boolean;
}

/** Asks the filters about single hosts of a snapshot. */
export class Verdicts {
  /** Every host, in order of cluster, then name: those too that only Placements of an unreachable cluster name. */
  readonly hosts: readonly HostView[];
  readonly #find: (cluster: string, host: string) => HostView | undefined;

  constructor(snapshot: Snapshot) {
    const inventory = takeInventory(snapshot);
    this.hosts = inventory.hosts;
    this.#find = (cluster, host) => inventory.find(cluster, host);
  }

  /** Undefined when there is no such host. */
  of(distribution: Distribution, cluster: string, host: string): HostVerdict | undefined {
    const view = this.#find(cluster, host);
    return view && verdictOf(distribution, view);
  }
}

export function verdictOf(distribution: Distribution, host: HostView): HostVerdict {
  const { filter, use, frozen } = judge(distribution, host);
  return { filter, stays: use !== 'Out' || frozen };
}
