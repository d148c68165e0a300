import { explain, type Explanation, type Plan, type Remedy } from '@kasmcloud/placement';
import { UserError } from '../../user-error.ts';
import { causesOf } from '../report/causes.ts';
import { named } from '../report/differences.ts';
import type { UnplacedCause } from '../report/report.ts';
import type { World } from '../world/world.ts';
import { changeText } from './changes.ts';
import { namesOf } from './names.ts';

/** The planner's explanation with its reasons and remedies in words. */
export interface ExplanationReport extends Omit<Explanation, 'key' | 'unplaced' | 'remedies'> {
  readonly namespace: string;
  readonly distribution: string;
  readonly reasons: readonly UnplacedCause[];
  readonly remedies: readonly (Remedy & { readonly text: string })[];
}

/** @throws {UserError} when there is no distribution of this key, `namespace/name`. */
export function explanationOf({ snapshot }: World, plan: Plan, key: string): ExplanationReport {
  const found = explain(snapshot, plan, key);
  if (found === undefined) {
    const known = snapshot.distributions.map((one) => one.key).toSorted();
    throw new UserError(`--explain ${key}: there is no such distribution in the input; there is ${namesOf(known, 10)}`);
  }
  const { key: _, unplaced, remedies, ...rest } = found;
  return {
    ...named(key),
    ...rest,
    reasons: unplaced.map(causesOf),
    remedies: remedies.map((remedy) => ({ text: changeText(remedy.change), ...remedy })),
  };
}
