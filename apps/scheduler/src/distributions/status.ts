import {
  conditionTypes,
  findCondition,
  setCondition,
  type ConditionUpdate,
  type DistributionObject,
  type DistributionStatus,
  type PlacementObject,
  type WorkloadObject,
} from '@kasmcloud/kube-api';
import type { DistributionPlan } from '@kasmcloud/placement';
import type { PlacedFailure } from '../failures/failures.ts';
import { readyReplicasOf, shareOf } from '../plan/facts.ts';
import type { PlannedState } from '../plan/planner.ts';
import { toStatus } from '../plan/progress.ts';
import type { Rollout } from '../rollout/rollout.ts';

export interface StatusInput {
  readonly distribution: DistributionObject;
  readonly revision: string;
  readonly planned: PlannedState;
  readonly placements: readonly PlacementObject[];
  /** What stands in each member, by cluster. */
  readonly workloads: ReadonlyMap<string, readonly WorkloadObject[]>;
  /** Starts and writes that failed, by place. */
  readonly failures: readonly PlacedFailure[];
  /** Starts that were refused for what was asked, by place: another host would do no better. */
  readonly refusals: readonly PlacedFailure[];
  /** Label selector of the Actors. */
  readonly selector: string;
  /** RFC 3339. */
  readonly now: string;
}

/** Status of a Distribution out of the plan, the stored decision and what the members report. Equal facts, equal status. */
export function distributionStatus(input: StatusInput): DistributionStatus {
  const { distribution, planned, placements, now } = input;
  const { plan, rollout, good } = planned;
  const clusters = placements
    .filter(({ spec }) => spec.hosts.some(({ replicas, leaving = 0 }) => replicas + leaving > 0))
    .map((placement) => ({
      name: placement.spec.cluster,
      desired: total(placement),
      ready: readyIn(input.workloads.get(placement.spec.cluster) ?? [], placement),
      updated: totalOf(placement, input.revision),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const replicas = sum(clusters.map(({ desired }) => desired));
  // What leaves serves until it has gone: it stands in for what is not Ready yet.
  const readyReplicas = Math.min(replicas, sum(clusters.map(({ ready }) => ready)));
  const updated = sum(placements.map((placement) => totalOf(placement, input.revision)));
  const generation = distribution.metadata.generation;
  const waiting = readyReplicas < plan.desired ? waitingText(input.workloads) : '';
  const facts = { desired: plan.desired, replicas, readyReplicas, plan, waiting, failures: input.failures };
  const reconciling = distribution.spec.suspend === true ? suspendedOf() : reconcilingOf(facts, placements, rollout);
  const said = [
    readyOf(facts),
    reconciling,
    stalledOf(input),
    scheduledOf(facts),
    availableOf(facts),
    { ...reconciling, type: conditionTypes.progressing },
    degradedOf(input),
    unsupportedOf(plan),
  ];
  const conditions = said.reduce(
    (list, next) =>
      setCondition(list, { ...next, ...(generation !== undefined && { observedGeneration: generation }) }, now),
    distribution.status?.conditions,
  );
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    desired: facts.desired,
    where: whereText(clusters),
    replicas,
    readyReplicas,
    updatedReplicas: updated,
    selector: input.selector,
    ...(good !== undefined && { currentRevision: good }),
    ...(rollout !== undefined && { rollout: toStatus(rollout, stageNames(distribution)) }),
    clusters,
    unplaced: plan.unplaced.map(({ reason, count, blockers, hosts, group }) => ({
      reason,
      count,
      message: unplacedText(blockers, hosts, group),
    })),
    skew: plan.skew.map(({ topologyKey, value, max }) => ({
      topologyKey,
      value,
      ...(max !== undefined && { max }),
    })),
    moves: { last: plan.moves.count, lowerBound: plan.moves.lowerBound },
    planHash: planned.hash,
    ...(conditions !== undefined && { conditions }),
  };
}

/** What a column can show; JSONPath columns show one value only. */
function whereText(clusters: readonly { name: string; desired: number }[]): string {
  const text = clusters.map(({ name, desired }) => `${name}:${desired}`).join(' ');
  return text.length <= 1024 ? text : `${clusters.length} clusters`;
}

interface Facts {
  readonly desired: number;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly plan: DistributionPlan;
  /** What the first workload says that is not Ready; empty when none has anything to say. */
  readonly waiting: string;
  readonly failures: readonly PlacedFailure[];
}

function readyOf(facts: Facts): ConditionUpdate {
  const { desired, replicas, readyReplicas, waiting } = facts;
  const type = conditionTypes.ready;
  const short = shortOf(facts);
  if (short !== undefined) return { type, status: 'False', ...short };
  if (readyReplicas < desired || replicas < desired) {
    return {
      type,
      status: 'False',
      reason: 'Progressing',
      message: `${readyReplicas} of ${desired} replicas are ready${waiting}`,
    };
  }
  return desired === 0
    ? { type, status: 'True', reason: 'ScaledToZero', message: '' }
    : { type, status: 'True', reason: 'Available', message: `${readyReplicas} of ${desired} replicas are ready` };
}

const suspendedOf = (): ConditionUpdate => ({
  type: conditionTypes.reconciling,
  status: 'False',
  reason: 'Suspended',
  message: 'spec.suspend is true: nothing is decided',
});

function reconcilingOf(
  { replicas, readyReplicas }: Facts,
  placements: readonly PlacementObject[],
  rollout: Rollout | undefined,
): ConditionUpdate {
  const waiting = placements.filter(({ spec, status }) => status?.appliedEpoch !== spec.epoch);
  const type = conditionTypes.reconciling;
  if (waiting.length > 0) {
    const names = waiting.map(({ spec }) => spec.cluster).toSorted();
    return { type, status: 'True', reason: 'Dispatching', message: `not yet applied in ${names.join(', ')}` };
  }
  if (rollout !== undefined && isUnderWay(rollout)) {
    const message = `${rollout.updated} hosts are updated to revision ${rollout.revision}`;
    return { type, status: 'True', reason: rollout.phase === 'Progressing' ? 'RollingOut' : rollout.phase, message };
  }
  return readyReplicas < replicas
    ? { type, status: 'True', reason: 'Starting', message: `${readyReplicas} of ${replicas} replicas are ready` }
    : { type, status: 'False', reason: 'UpToDate', message: '' };
}

function scheduledOf(facts: Facts): ConditionUpdate {
  const type = conditionTypes.scheduled;
  const short = shortOf(facts);
  return short === undefined
    ? { type, status: 'True', reason: 'AllPlaced', message: placedText(facts) }
    : { type, status: 'False', ...short };
}

/** Why not all have a place; undefined when they do. Of those that are avoided, what failed there. */
function shortOf(facts: Facts): Pick<ConditionUpdate, 'reason' | 'message'> | undefined {
  const short = facts.plan.unplaced.find(({ count }) => count > 0);
  if (short === undefined) return undefined;
  const { reason, blockers, hosts, group } = short;
  const [failure] = facts.failures;
  const why = reason === 'Avoided' && failure !== undefined ? named([failure]) : unplacedText(blockers, hosts, group);
  return { reason, message: [placedText(facts), why].filter((text) => text !== '').join('; ') };
}

const placedText = ({ replicas, desired }: Facts): string => `${replicas} of ${desired} replicas are placed`;

function availableOf({ desired, readyReplicas }: Facts): ConditionUpdate {
  const type = conditionTypes.available;
  const message = `${readyReplicas} of ${desired} replicas are ready`;
  if (readyReplicas < desired) return { type, status: 'False', reason: 'NotAllReady', message };
  return { type, status: 'True', reason: 'AllReady', message };
}

function waitingText(workloads: StatusInput['workloads']): string {
  const said = [...workloads].flatMap(([cluster, inside]) =>
    inside.flatMap((workload): string[] => {
      const ready = findCondition(workload.status?.conditions, conditionTypes.ready);
      if (ready === undefined || ready.status === 'True' || ready.message === '') return [];
      return [`; ${cluster}/${shareOf(workload).host}: ${ready.reason}: ${ready.message}`];
    }),
  );
  return (said.toSorted()[0] ?? '').slice(0, MOST_SAID);
}

/** Characters of what a workload says, in the message of its Distribution. */
const MOST_SAID = 900;

/** Failures that a condition names; the rest is told as a number. */
const MOST_NAMED = 5;

function degradedOf({ failures }: StatusInput): ConditionUpdate {
  const type = conditionTypes.degraded;
  const [first] = failures;
  if (first === undefined) return { type, status: 'False', reason: 'AsPlanned', message: '' };
  const reason = first.failure.host === '' ? 'WriteRefused' : 'StartFailed';
  return { type, status: 'True', reason, message: `avoided: ${named(failures)}` };
}

function named(failures: readonly PlacedFailure[]): string {
  const first = failures
    .slice(0, MOST_NAMED)
    .map(({ place, failure }) => `${place}: ${failure.reason}: ${failure.message}`);
  const more = failures.length > MOST_NAMED ? [`and ${failures.length - MOST_NAMED} more`] : [];
  return [...first, ...more].join('; ');
}

const isUnderWay = ({ phase }: Rollout): boolean => !['Complete', 'Reverted', 'Stalled'].includes(phase);

function stalledOf({ planned: { plan, rollout, good }, refusals }: StatusInput): ConditionUpdate {
  const type = conditionTypes.stalled;
  const wrong = plan.unplaced.find(({ reason }) => reason === 'InvalidSpec' || reason === 'UnsupportedField');
  if (wrong !== undefined) return { type, status: 'True', reason: wrong.reason, message: wrong.blockers.join(', ') };
  if (rollout?.phase === 'Reverted') {
    const message = `revision ${rollout.revision} made no progress: everything is back at ${good}`;
    return { type, status: 'True', reason: 'Reverted', message };
  }
  if (rollout?.phase === 'Stalled') {
    const message = `revision ${rollout.revision} makes no progress; ${rollout.updated} hosts are updated`;
    return { type, status: 'True', reason: 'ProgressDeadlineExceeded', message };
  }
  const [refused] = refusals;
  if (refused !== undefined) return { type, status: 'True', reason: refused.failure.reason, message: named(refusals) };
  return { type, status: 'False', reason: 'NotStalled', message: '' };
}

/** Fields that the planner does not honour. */
function unsupportedOf(plan: DistributionPlan): ConditionUpdate {
  const type = conditionTypes.unsupported;
  const fields = plan.unsupported.toSorted();
  return fields.length === 0
    ? { type, status: 'False', reason: 'AllHonoured', message: '' }
    : { type, status: 'True', reason: 'NotActedOn', message: `not acted on: ${fields.join(', ')}` };
}

function unplacedText(
  blockers: readonly string[],
  hosts: Readonly<Record<string, number>>,
  group: string | undefined,
): string {
  const counts = Object.entries(hosts).map(
    ([filter, count]) => `${count} ${count === 1 ? 'host' : 'hosts'}: ${filter}`,
  );
  const parts = [
    ...(group === undefined ? [] : [`group ${group}`]),
    ...(blockers.length === 0 ? [] : [`blocked by ${blockers.join(', ')}`]),
    ...counts,
  ];
  return parts.join('; ').slice(0, 1024);
}

const stageNames = ({ spec }: DistributionObject): string[] => (spec.rollout?.stages ?? []).map(({ name }) => name);

/** Replicas of a revision. */
const totalOf = ({ spec }: PlacementObject, of: string): number =>
  sum(spec.hosts.map(({ replicas, revision = spec.revision }) => (revision === of ? replicas : 0)));

const total = ({ spec }: PlacementObject): number => sum(spec.hosts.map(({ replicas }) => replicas));
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Replicas that are both decided for a host and ready there, so that a leftover never counts. */
export function readyIn(workloads: readonly WorkloadObject[], { spec }: PlacementObject): number {
  const ready = new Map<string, number>();
  for (const workload of workloads) {
    const { host } = shareOf(workload);
    ready.set(host, (ready.get(host) ?? 0) + readyReplicasOf(workload));
  }
  return sum(spec.hosts.map(({ host, replicas, leaving = 0 }) => Math.min(replicas + leaving, ready.get(host) ?? 0)));
}
