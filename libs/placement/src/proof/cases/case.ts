import type { DistributionSpec } from '@kasmcloud/kube-api';

/**
 * One promise of a scheduler, as data: a world, what is asked for, and where it must run. A case needs no knowledge of
 * the engine to be read or judged.
 */
export type Case = Single | Several;

interface World {
  /** The promise in one line. */
  readonly promise: string;
  /**
   * `cluster/name` and facts of the host: `zone=z1` and any other label; `instances=4`, `memory=2Gi`, `cpu=500m` for what
   * it offers (endless instances when unsaid); `Suspect`, `Lost`, `Unknown`, `cordoned`; `!key:Effect`, `!key=value:Effect`
   * or `!key:Effect:60s` for a taint and its age; `lattices=a,b`; `wit:package/interface@version`.
   */
  readonly hosts: readonly string[];
  /** `name` and facts of the cluster: labels, taints, `cordoned`, `Unreachable`, `Lost`. Plain ones need no line. */
  readonly clusters?: readonly string[];
  /** Bounds of whole namespaces; quantities as in a quota. */
  readonly namespaces?: Readonly<Record<string, { readonly maxPriority?: number; readonly quota?: Quantities }>>;
  /**
   * What the engine must offer for this case to run. `bug: …` is a promise that is broken today: it never runs and is
   * counted apart.
   */
  readonly needs?: string;
}

export interface Single extends World {
  readonly distribution: Asked;
  readonly want: Want;
}

export interface Several extends World {
  readonly distributions: Readonly<Record<string, Asked>>;
  readonly wants: Readonly<Record<string, Want>>;
}

/** A spec, and what the planner knows besides. */
export interface Asked extends Omit<DistributionSpec, 'actor' | 'provider'> {
  /** A provider instead of an actor. */
  readonly provider?: true;
  readonly namespace?: string;
  /** Labels of the Distribution itself. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Host ports that its links name. */
  readonly ports?: readonly string[];
  /** What stands, by `cluster/host`. */
  readonly current?: Counts;
  /** What was replaced while its host was away, and runs there again. */
  readonly returned?: Counts;
  /** The spec is another than when `current` was decided. */
  readonly changed?: true;
  readonly moveBudget?: number;
  /** Where this revision failed: `cluster/host` or `cluster`. */
  readonly failedOn?: readonly string[];
}

export type Quantities = Readonly<Record<string, string>>;

export type Counts = Readonly<Record<string, number>>;

/** What must come out. Replicas by name, or, where only a tie decides who gets which, the numbers from the largest. */
export interface Want {
  readonly host?: Counts | readonly number[];
  readonly cluster?: Counts | readonly number[];
  readonly zone?: Counts | readonly number[];
  readonly region?: Counts | readonly number[];
  readonly rack?: Counts | readonly number[];
  readonly placed?: number;
  /** Reasons with their counts, or only how many whatever the reason; nothing is unplaced when absent. */
  readonly unplaced?: Counts | number;
  readonly moves?: number;
  /** Replicas that must go and may not yet. */
  readonly deferred?: number;
  /** Replicas above what is asked. */
  readonly excess?: number;
}
