import { compareText } from '../model/hash.ts';
import type { DistributionPlan, Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { decide } from './cycle.ts';
import { Job } from './job.ts';
import { describe } from './describe.ts';
import { stoodIn } from './standing.ts';
import { World } from './world.ts';

/**
 * Decides how many replicas of every distribution each host runs. Pure and total: the same snapshot, in whatever order,
 * gives the same plan.
 */
export function place(snapshot: Snapshot): Plan {
  const world = new World(snapshot);
  const jobs = snapshot.distributions
    .toSorted((a, b) => compareText(a.key, b.key))
    .map((distribution) => new Job(distribution, stoodIn(distribution.current, world.inventory), world));
  return { distributions: decide(jobs, world).map((job): DistributionPlan => describe(job, world)) };
}
