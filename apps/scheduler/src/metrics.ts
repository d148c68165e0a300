import type { JobCounts } from '@kasmcloud/jobs';
import type { Metrics } from '@kasmcloud/observe';
import type { Reconciled } from '@kasmcloud/reconcile';
import type { PlanOutcome } from './plan/planner.ts';

export interface SchedulerMetrics {
  planned(outcome: PlanOutcome & { readonly ms: number }): void;
  reconciled(event: Reconciled): void;
  worked(kind: string, ms: number): void;
  leading(value: 0 | 1): void;
  queued(cluster: string, counts: JobCounts): void;
}

const outcomes = ['done', 'requeued', 'failed', 'terminal'] as const;
const controllers = ['distribution', 'application', 'git-source', 'cluster', 'host'] as const;

/** What an operator's dashboard shows of a scheduler. */
export function schedulerMetrics(metrics: Metrics): SchedulerMetrics {
  const plans = metrics.histogram({ name: 'plan_duration_seconds', help: 'Time of one planning epoch.' });
  const writes = metrics.counter({ name: 'plan_writes_total', help: 'Placements written by planning epochs.' });
  const looks = metrics.counter({ name: 'plan_looked_total', help: 'Distributions looked at by planning epochs.' });
  const leader = metrics.gauge({ name: 'leader', help: '1 while this process decides.' });
  const jobs = metrics.histogram<'kind'>({
    name: 'job_duration_seconds',
    help: 'Time of one job in a member.',
    labels: ['kind'],
    series: [{ kind: 'placement' }, { kind: 'lattice' }],
  });
  const queued = metrics.gauge<'cluster' | 'state'>({
    name: 'queue_jobs',
    help: 'Jobs of each cluster that wait, run, or wait for their next attempt.',
    labels: ['cluster', 'state'],
  });
  const reconciles = metrics.counter<'controller' | 'outcome'>({
    name: 'reconciles_total',
    help: 'Looks at a key, by controller and outcome.',
    labels: ['controller', 'outcome'],
    series: controllers.flatMap((controller) => outcomes.map((outcome) => ({ controller, outcome }))),
  });
  return {
    planned({ ms, looked, writes: written }) {
      plans.observe(ms / 1000);
      looks.inc(looked.size);
      writes.inc(written);
    },
    reconciled: ({ controller, outcome }) => reconciles.inc({ controller, outcome: outcome.kind }),
    worked: (kind, ms) => jobs.observe({ kind }, ms / 1000),
    leading: (value) => leader.set(value),
    queued(cluster, { waiting, active, delayed }) {
      for (const [state, count] of Object.entries({ waiting, active, delayed })) queued.set({ cluster, state }, count);
    },
  };
}
