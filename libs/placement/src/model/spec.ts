import { canonicalBytes } from './canonical.ts';
import { millisecondsOf, MOST_PODS, type DistributionSpec, type Quantity } from '@kasmcloud/kube-api';
import type {
  Affinities,
  AffinityTerm,
  Avoidance,
  Current,
  Distribution,
  Patience,
  Refusal,
  SpreadEntry,
  Tier,
} from './distribution.ts';
import { parseQuantity, QuantityError } from './quantity.ts';
import { malformedRequirements } from './requirements.ts';
import { compareText } from './hash.ts';
import type { Amounts, Labels } from './snapshot.ts';

/** What the planner must know of a Distribution besides its spec. */
export interface DistributionFacts {
  readonly namespace: string;
  readonly name: string;
  /** Labels of the Distribution: affinities of others select it by them. */
  readonly labels?: Labels;
  /** Host ports that its link addresses name, as `Host.ports` writes them. */
  readonly ports?: readonly string[];
  readonly revision: string;
  readonly current: readonly Current[];
  readonly avoid?: readonly Avoidance[];
  /** The spec says other than when `current` was decided, by more than its number; see {@link intentBytes}. */
  readonly changed?: boolean;
  /** Moves that `stability.maxMovesPerMinute` leaves for now; no limit when absent. */
  readonly moveBudget?: number;
}

/** What a replica in a container takes, in the place of an instance: for quotas of namespaces alone. */
const ONE_POD: Amounts = { pods: 1_000 };

/** Applies the defaults of DESIGN §4, and notes what is wrong and what the planner does not honour. Never throws. */
export function readDistribution(spec: DistributionSpec, facts: DistributionFacts): Distribution {
  const inPods = spec.provider?.container !== undefined;
  const { resources, refused } = inPods
    ? { resources: ONE_POD, refused: aboutHosts(spec) }
    : readResources(spec.resources ?? {});
  return {
    key: `${facts.namespace}/${facts.name}`,
    namespace: facts.namespace,
    labels: facts.labels ?? {},
    revision: facts.revision,
    replicas: spec.replicas ?? 1,
    mode: spec.mode ?? 'Spread',
    inPods,
    priority: spec.priority ?? 0,
    resources,
    clusters: readChoice(spec.clusters),
    hosts: readChoice(spec.hosts),
    interfaces: spec.hosts?.interfaces ?? [],
    tiers: (spec.clusters?.tiers ?? []).map(readTier),
    tolerations: spec.tolerations ?? [],
    spread: (spec.spread ?? []).map(readSpread),
    groups: (spec.groups ?? []).map(({ name, requirements, weight }) => ({
      name,
      requirements: requirements ?? {},
      weight: weight ?? 100,
    })),
    affinity: readAffinities(spec.affinity, facts.namespace),
    antiAffinity: readAffinities(spec.antiAffinity, facts.namespace),
    ports: inPods ? [] : (facts.ports ?? []),
    preempts: spec.preemption === 'LowerPriority',
    maxPerHost: mostPerHost(spec, inPods),
    suspended: spec.suspend ?? false,
    refused: [...refused, ...wrong(spec), ...malformedRequirements(spec)],
    unsupported: unsupportedSoft(spec),
    current: facts.current,
    avoid: facts.avoid ?? [],
    patience: readPatience(spec.failover),
    reconnect: spec.failover?.reconnect ?? 'KeepReplacement',
    converge: facts.changed === true || spec.stability?.policy === 'Rebalance',
    // What the spec asks for is carried out to the last replica; only the world's drift is borne.
    minImprovement: facts.changed === true ? 0 : (spec.stability?.minImprovement ?? 0),
    moveBudget: facts.moveBudget ?? Infinity,
  };
}

/**
 * Where a spec wants its replicas, but not how many: when these bytes differ from those of the last decision, what stands
 * is to converge to the new spec. A change of scale alone moves nothing.
 */
export function intentBytes(spec: DistributionSpec): Uint8Array {
  const { clusters, hosts, spread, groups, mode, maxPerHost, affinity, antiAffinity } = spec;
  return canonicalBytes({ clusters, hosts, spread, groups, mode, maxPerHost, affinity, antiAffinity });
}

/**
 * Resource quantities as whole numbers: thousandths, but `instances` as they are.
 * Throws {@link QuantityError} for text that is no quantity.
 */
export function readAmounts(quantities: Readonly<Record<string, Quantity>>): Amounts {
  return Object.fromEntries(
    Object.entries(quantities).map(([name, quantity]) => {
      const thousandths = parseQuantity(quantity);
      return [name, name === 'instances' ? Math.floor(thousandths / 1000) : thousandths];
    }),
  );
}

function readResources(quantities: Readonly<Record<string, Quantity>>): { resources: Amounts; refused: Refusal[] } {
  const resources = new Map([['instances', 1]]);
  const refused: Refusal[] = [];
  for (const [name, quantity] of Object.entries(quantities)) {
    const field = `resources.${name}`;
    try {
      const amount = parseQuantity(quantity);
      if (name === 'instances') refused.push(invalid(field, 'every replica takes one instance: leave it out'));
      else if (amount < 0) refused.push(invalid(field, `${quantity} is below 0`));
      else resources.set(name, amount);
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      refused.push(invalid(field, error.message));
    }
  }
  // In order of name, so that equal amounts look alike.
  return { resources: Object.fromEntries([...resources].toSorted(([a], [b]) => compareText(a, b))), refused };
}

export function readPatience({
  hostLostAfter,
  clusterLostAfter,
}: NonNullable<DistributionSpec['failover']> = {}): Patience {
  return {
    hostMs: hostLostAfter === undefined ? undefined : millisecondsOf(hostLostAfter),
    clusterMs: clusterLostAfter === undefined ? undefined : millisecondsOf(clusterLostAfter),
  };
}

function readChoice(choice: DistributionSpec['hosts'] | DistributionSpec['clusters']): Distribution['hosts'] {
  return {
    required: (choice?.required ?? []).map(({ matchExpressions }) => matchExpressions),
    preferred: (choice?.preferred ?? []).map(({ weight, matchExpressions }) => ({ weight, term: matchExpressions })),
  };
}

function readTier(tier: NonNullable<NonNullable<DistributionSpec['clusters']>['tiers']>[number]): Tier {
  const required = (tier.required ?? []).map(({ matchExpressions }) => matchExpressions);
  return { name: tier.name, required, overflow: tier.overflow ?? false, failBack: tier.failBack ?? false };
}

/** Without namespaces, a term is about the distribution's own. */
function readAffinities(spec: DistributionSpec['affinity'], namespace: string): Affinities {
  const read = ({ topologyKey, selector, namespaces }: RawTerm): AffinityTerm => ({
    topologyKey,
    selector,
    namespaces: namespaces === undefined || namespaces.length === 0 ? [namespace] : namespaces,
  });
  return {
    required: (spec?.required ?? []).map(read),
    preferred: (spec?.preferred ?? []).map(({ weight, ...term }) => ({ weight, term: read(term) })),
  };
}

type RawTerm = NonNullable<NonNullable<DistributionSpec['affinity']>['required']>[number];

function readSpread(entry: NonNullable<DistributionSpec['spread']>[number]): SpreadEntry {
  return {
    topologyKey: entry.topologyKey,
    maxSkew: entry.maxSkew ?? 1,
    weights: entry.weights && new Map(entry.weights.map(({ value, weight }) => [value, weight])),
    min: entry.min ?? 0,
    max: entry.max ?? Infinity,
    minDomains: entry.minDomains ?? 1,
    maxDomains: entry.maxDomains ?? Infinity,
    block: entry.whenUnsatisfiable === 'Block',
    fullDomainsBlock: entry.whenDomainFull === 'Block',
  };
}

function mostPerHost({ provider, maxPerHost }: DistributionSpec, inPods: boolean): number {
  if (inPods) return MOST_PODS;
  return provider === undefined ? (maxPerHost ?? Infinity) : 1;
}

/** What is about hosts says nothing of a provider that runs on none. */
const aboutHosts = (spec: DistributionSpec): Refusal[] =>
  (['hosts', 'groups', 'resources', 'maxPerHost'] as const)
    .filter((field) => spec[field] !== undefined)
    .map((field) => invalid(field, 'a provider in a container runs on no host: leave it out'));

const invalid = (field: string, message: string): Refusal => ({ reason: 'InvalidSpec', field, message });

/** What the schema's rules refuse too: a spec may come to us without having met an API server. */
function wrong(spec: DistributionSpec): Refusal[] {
  const refusals: Refusal[] = [];
  for (const [i, entry] of (spec.spread ?? []).entries()) {
    const field = `spread[${i}]`;
    if (entry.maxSkew !== undefined && entry.weights !== undefined)
      refusals.push(invalid(field, 'maxSkew and weights exclude each other'));
    if (entry.weights?.every(({ weight }) => weight === 0) === true)
      refusals.push(invalid(`${field}.weights`, 'at least one weight must be above 0'));
    if ((entry.min ?? 0) > (entry.max ?? Infinity)) refusals.push(invalid(field, 'min is larger than max'));
  }
  if ((spec.groups?.length ?? 0) > 0 && spec.groups?.every(({ weight }) => weight === 0) === true)
    refusals.push(invalid('groups', 'at least one weight must be above 0'));
  return refusals;
}

/** Wishes that make a worse answer, not a wrong one, if they are passed over: the plan names them. */
function unsupportedSoft(spec: DistributionSpec): string[] {
  const wishes: [string, boolean][] = [['spread', spec.mode === 'Daemon' && (spec.spread?.length ?? 0) > 0]];
  return wishes.filter(([, present]) => present).map(([field]) => field);
}
