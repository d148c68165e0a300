import type { Provider } from '@nestjs/common';
import type { Logger } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import { Reviews } from '../access/reviews.ts';
import { ApplicationVersions } from '../applications/versions.ts';
import type { Config } from '../config.ts';
import { Scheduler } from '../scheduler.ts';
import { CONFIG, LOGGER } from '../tokens.ts';
import { Announcer } from './announcer.ts';
import { tellPresence } from './conditions.ts';
import { Lattices } from './lattices.ts';
import { WadmOperations } from './operations.ts';
import { WadmServer } from './server.ts';

const now = (): string => new Date(systemClock.now()).toISOString();

/** The wadm API over the scheduler's stores. */
export const wadmProvider: Provider = {
  provide: WadmServer,
  useFactory: (
    config: Config,
    log: Logger,
    scheduler: Scheduler,
    reviews: Reviews,
    versions: ApplicationVersions,
  ): WadmServer => {
    const { hub } = scheduler;
    const lattices = new Lattices(hub.client, () => systemClock.steady());
    return new WadmServer({
      natsUrl: config.serveLatticeApi ? config.natsUrl : undefined,
      multitenant: config.wadmMultitenant,
      checkMs: config.wadmCheckMs,
      onPresence: async (presence, signal) => {
        if (scheduler.isLeader) await tellPresence(hub.client, presence, now(), signal);
      },
      operations: new WadmOperations({ hub: hub.client, reviews, lattices, versions, log }),
      announce: (publish) =>
        new Announcer({
          applications: hub.applications,
          lattices,
          isLeader: () => scheduler.isLeader,
          publish,
          now,
          onError: (error) => log.debug({ err: error }, 'not announced'),
        }),
      log,
    });
  },
  inject: [CONFIG, LOGGER, Scheduler, Reviews, ApplicationVersions],
};
