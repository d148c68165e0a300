import { earliest } from '../earliest.ts';
import { budgetsOf, type Policy } from './policy.ts';
import { inOrder, isHere, pathOf, type Unit } from './unit.ts';

/** How far the change to a revision has come. */
export interface Rollout {
  /** Where it is to go: what the spec says. */
  readonly revision: string;
  readonly phase: Phase;
  /** Index of the last stage that has begun; -1 before the first. */
  readonly stage: number;
  /** When the phase began, or when a unit was last updated, in milliseconds since the epoch. */
  readonly since: number;
  /** Units that are updated. */
  readonly updated: number;
}

/**
 * `Paused`: a stage is done, the next one waits. `Waiting`: what is left cannot be reached. `Stalled`: no progress before
 * the deadline. `Reverted`: stalled, and gone back to the last good revision until the spec says another one.
 */
export type Phase = 'Progressing' | 'Paused' | 'AwaitingApproval' | 'Waiting' | 'Stalled' | 'Reverted' | 'Complete';

export interface RolloutInput {
  readonly units: readonly Unit[];
  readonly policy: Policy;
  /** Revision that the spec says. */
  readonly target: string;
  /** Last revision that was complete and can still be made; undefined when there is none. */
  readonly good: string | undefined;
  /** Names of the stages that somebody approved for this revision. */
  readonly approved: ReadonlySet<string>;
  /** How far it was; of another revision it is without force. */
  readonly before: Rollout | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface RolloutStep {
  readonly rollout: Rollout;
  /** Revision that everything goes to now: the target, or the last good one after a revert. */
  readonly goal: string;
  /** What each unit is to run, by `cluster/host`. */
  readonly revisions: ReadonlyMap<string, string>;
  /** When to look again although nothing happens, in milliseconds since the epoch. */
  readonly nextAt: number | undefined;
  /** Whether nothing is under way: no unit will be changed by what its host says. */
  readonly isSettled: boolean;
}

/** One step of a rollout: which units are swapped now. Pure, so that it may be taken again by anyone at any time. */
export function stepRollout(input: RolloutInput): RolloutStep {
  const { target, good, now, before, policy } = input;
  const begun = before?.revision === target ? before : begin(target, now);
  const goal = begun.phase === 'Reverted' ? (good ?? target) : target;
  const live = inOrder(input.units).filter((unit) => unit.planned > 0 && isHere(unit));
  const isDone = (unit: Unit): boolean => isUpdated(unit, goal, policy.minReadyMs, now);
  const open = live.filter((unit) => !isDone(unit));
  const rollout = phaseOf(input, begun, live.length - open.length, open);
  // It has just been given up: everything goes the other way from here.
  if (rollout.phase === 'Reverted' && goal === target && good !== undefined && good !== target)
    return stepRollout({ ...input, before: rollout });
  const swapped = swaps({ ...input, goal, live, open, last: lastStage(rollout) });
  const frontier = Math.min(Infinity, ...open.map(({ stage }) => stage));
  const isMixed = live.some(({ held, revision }) => held > 0 && revision !== goal);
  const revisions = new Map(
    input.units.map((unit) => {
      const path = pathOf(unit);
      if (unit.held > 0 && unit.revision !== undefined) return [path, swapped.has(path) ? goal : unit.revision];
      // Something new is not the place to try what is not proven yet.
      return [path, isMixed && unit.stage >= frontier ? (good ?? goal) : goal];
    }),
  );
  return {
    rollout,
    goal,
    revisions,
    nextAt: nextLook(input, rollout, open),
    isSettled: open.length === 0 && !isMixed,
  };
}

/** A rollout that nobody carries on for now: its deadline does not run. */
export const suspended = (rollout: Rollout, now: number): Rollout =>
  rollout.phase === 'Progressing' ? { ...rollout, phase: 'Waiting', since: now } : rollout;

/** What is given up, or was done once, goes to its goal everywhere. */
const lastStage = ({ phase, stage }: Rollout): number =>
  phase === 'Reverted' || phase === 'Complete' ? Infinity : stage;

const begin = (revision: string, now: number): Rollout => ({
  revision,
  phase: 'Progressing',
  stage: -1,
  since: now,
  updated: 0,
});

const isUpdated = (
  { revision, seen, ready, readySince }: Unit,
  goal: string,
  minReadyMs: number,
  now: number,
): boolean => revision === goal && seen === goal && ready > 0 && now - (readySince ?? now) >= minReadyMs;

/** `open`: units that are not updated yet. */
function phaseOf(input: RolloutInput, before: Rollout, updated: number, open: readonly Unit[]): Rollout {
  const { now, policy, good, target } = input;
  if (before.phase === 'Reverted' || before.phase === 'Complete') return before;
  if (open.length === 0) return { ...before, phase: 'Complete', since: now, updated };
  const frontier = Math.min(...open.map(({ stage }) => stage));
  if (frontier > before.stage) return enter(input, before, frontier, updated);
  const rest = { ...before, updated };
  if (open.every(({ stage, reach }) => stage > before.stage || reach === 'Frozen'))
    return before.phase === 'Waiting' ? rest : { ...rest, phase: 'Waiting', since: now };
  if (updated > before.updated || before.phase === 'Waiting') return { ...rest, phase: 'Progressing', since: now };
  if (before.phase === 'Progressing' && now - before.since >= policy.progressDeadlineMs) {
    const isReverted = policy.autoRevert && good !== undefined && good !== target;
    return { ...rest, phase: isReverted ? 'Reverted' : 'Stalled', since: now };
  }
  return rest;
}

/** Everything before a stage is done: it begins when the pause is over and, where that is asked for, it is approved. */
function enter(
  { units, target, policy, approved, now }: RolloutInput,
  before: Rollout,
  stage: number,
  updated: number,
): Rollout {
  const next = policy.stages[stage];
  // Stages are for what runs: what is new altogether begins everywhere.
  const isChange = units.some(({ held, revision }) => held > 0 && revision !== target);
  const pauseMs = policy.stages[before.stage]?.pauseMs ?? 0;
  const isApproved = next !== undefined && approved.has(next.name);
  const waitsSince = isWaiting(before) ? before.since : now;
  const rest = { ...before, updated, since: waitsSince };
  if (isChange && next?.needsApproval === true && !isApproved) return { ...rest, phase: 'AwaitingApproval' };
  // Who approves a stage does not want to wait for it.
  if (isChange && !isApproved && now - waitsSince < pauseMs) return { ...rest, phase: 'Paused' };
  return { ...before, stage, phase: 'Progressing', since: now, updated };
}

const isWaiting = ({ phase }: Rollout): boolean => phase === 'Paused' || phase === 'AwaitingApproval';

interface SwapInput extends RolloutInput {
  readonly goal: string;
  readonly live: readonly Unit[];
  readonly open: readonly Unit[];
  /** Last stage that has begun. */
  readonly last: number;
}

/** Paths of the units that are swapped now. */
function swaps({ units, policy, goal, good, live, open, last }: SwapInput): ReadonlySet<string> {
  const { unavailable, surge } = budgetsOf(policy, live.length);
  // One that was told and cannot be seen now may be down as well.
  const underWay = open.filter(({ revision }) => revision === goal);
  const behind = live.filter(({ revision, held }) => held > 0 && revision !== goal);
  const old = behind.filter(({ reach }) => reach === 'Reachable');
  // One that fails keeps its place in the budget: a bad revision does not go from host to host.
  let surging = underWay.filter(({ swapsInPlace }) => swapsInPlace).length;
  let down = underWay.length - surging + Math.max(0, surging - surge) + behind.filter(isDown).length;
  // What was lost in the middle of its own swap is missing until its replacement serves, which is only decided now.
  if (units.some((unit) => unit.held > 0 && !isHere(unit))) down += live.filter(grows).length;
  surging = Math.min(surging, surge);
  const swapped = new Set<string>();
  for (const unit of old.toSorted((a, b) => Number(isDown(b)) - Number(isDown(a)) || a.stage - b.stage)) {
    if (unit.stage > last) continue;
    if (isDown(unit)) {
      // One that has just been told another number serves as before until it says so; by any other nothing is lost.
      if (unit.awaited > 0 && unit.revision === good) continue;
    } else if (unit.swapsInPlace && surging < surge) surging += 1;
    else if (down < (unit.swapsInPlace ? unavailable : Math.max(1, unavailable))) down += 1;
    else continue;
    swapped.add(pathOf(unit));
  }
  return swapped;
}

const isDown = ({ ready }: Unit): boolean => ready === 0;

const grows = ({ planned, held }: Unit): boolean => planned > held;

function nextLook({ policy, now }: RolloutInput, rollout: Rollout, open: readonly Unit[]): number | undefined {
  const times: number[] = [];
  if (rollout.phase === 'Progressing') times.push(rollout.since + policy.progressDeadlineMs);
  if (rollout.phase === 'Paused') times.push(rollout.since + (policy.stages[rollout.stage]?.pauseMs ?? 0));
  for (const { readySince } of open) if (readySince !== undefined) times.push(readySince + policy.minReadyMs);
  return earliest(times.filter((at) => at > now));
}
