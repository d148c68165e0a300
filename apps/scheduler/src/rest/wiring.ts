import type { Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { systemClock } from '@kasmcloud/reconcile';
import { Gate } from '../access/gate.ts';
import { Reviews } from '../access/reviews.ts';
import { ApplicationVersions } from '../applications/versions.ts';
import { allFacts } from '../clusters/all-facts.ts';
import { standingIn, seenOf } from '../distributions/seen.ts';
import { Scheduler } from '../scheduler.ts';
import { AccessGuard } from './access.guard.ts';
import { Applications } from './applications.ts';
import { ApplicationsController } from './applications.controller.ts';
import { ClusterWrites } from './cluster-writes.ts';
import { Clusters } from './clusters.ts';
import { ClustersController } from './clusters.controller.ts';
import { Distributions } from './distributions.ts';
import { GitSources } from './git-sources.ts';
import { Hosts } from './hosts.ts';
import { PlacementController } from './placement.controller.ts';
import { PlanPreview } from './plan.ts';

const now = (): string => new Date(systemClock.now()).toISOString();

export const restControllers = [ClustersController, ApplicationsController, PlacementController];

/** The services behind the controllers: plain classes over the scheduler's stores. */
export const restProviders: Provider[] = [
  {
    provide: Gate,
    useFactory: ({ hub }: Scheduler, reviews: Reviews) =>
      new Gate({ hub: hub.client, reviews, steady: () => systemClock.steady() }),
    inject: [Scheduler, Reviews],
  },
  {
    provide: APP_GUARD,
    useFactory: (gate: Gate, { hub }: Scheduler) => new AccessGuard(gate, hub),
    inject: [Gate, Scheduler],
  },
  {
    provide: Clusters,
    useFactory: ({ hub, members }: Scheduler) => new Clusters(hub, members),
    inject: [Scheduler],
  },
  { provide: ClusterWrites, useFactory: () => new ClusterWrites() },
  { provide: Hosts, useFactory: ({ hub, members }: Scheduler) => new Hosts(hub, members), inject: [Scheduler] },
  { provide: Distributions, useFactory: ({ hub }: Scheduler) => new Distributions(hub), inject: [Scheduler] },
  { provide: GitSources, useFactory: () => new GitSources(now) },
  {
    provide: Applications,
    useFactory: ({ hub }: Scheduler, versions: ApplicationVersions) =>
      new Applications({ hub, versions, sourceOf: (key) => hub.gitSources.get(key) }),
    inject: [Scheduler, ApplicationVersions],
  },
  {
    provide: PlanPreview,
    useFactory: ({ hub, members }: Scheduler) =>
      new PlanPreview({
        hub,
        members: () => allFacts(hub.clusters, members),
        readyOn: (distribution) => standingIn(seenOf(members, distribution, hub.distributions.get(distribution))),
        now: () => systemClock.now(),
      }),
    inject: [Scheduler],
  },
];
