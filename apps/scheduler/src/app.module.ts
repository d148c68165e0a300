import { randomBytes } from 'node:crypto';
import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger, createMetrics, Health, type Logger, type Metrics } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import { Reviews } from './access/reviews.ts';
import { ulid } from './applications/ulid.ts';
import { TakenIds } from './applications/taken-ids.ts';
import { ApplicationVersions } from './applications/versions.ts';
import { loadConfig, type Config } from './config.ts';
import { restControllers, restProviders } from './rest/wiring.ts';
import { Scheduler } from './scheduler.ts';
import { CONFIG, HEALTH, LOGGER, METRICS } from './tokens.ts';
import { WadmServer } from './wadm/server.ts';
import { wadmProvider } from './wadm/wiring.ts';

/** The scheduler process: settings, logs, metrics, health, the one object that does the work, and its two APIs. */
@Module({
  controllers: restControllers,
  providers: [
    { provide: CONFIG, useFactory: () => loadConfig(process.env) },
    {
      provide: LOGGER,
      useFactory: ({ logLevel }: Config) => createLogger({ service: 'scheduler', level: logLevel }),
      inject: [CONFIG],
    },
    { provide: METRICS, useFactory: () => createMetrics({ prefix: 'kasmcloud_scheduler' }) },
    { provide: HEALTH, useFactory: () => new Health() },
    {
      provide: Scheduler,
      useFactory: (config: Config, log: Logger, metrics: Metrics, health: Health) =>
        new Scheduler(config, log, metrics, health),
      inject: [CONFIG, LOGGER, METRICS, HEALTH],
    },
    {
      provide: Reviews,
      useFactory: ({ hub }: Scheduler) => new Reviews({ hub: hub.client, steady: () => systemClock.steady() }),
      inject: [Scheduler],
    },
    {
      provide: ApplicationVersions,
      useFactory: ({ hub }: Scheduler) =>
        new ApplicationVersions({
          own: hub.client,
          sourceOf: (key) => hub.gitSources.get(key),
          ids: new TakenIds({
            applications: hub.applications,
            distributions: hub.distributions,
            steady: () => systemClock.steady(),
          }),
          freshVersion: () => ulid(systemClock.now(), randomBytes(10)),
        }),
      inject: [Scheduler],
    },
    ...restProviders,
    wadmProvider,
  ],
})
export class AppModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #scheduler: Scheduler;
  readonly #wadm: WadmServer;

  constructor(@Inject(Scheduler) scheduler: Scheduler, @Inject(WadmServer) wadm: WadmServer) {
    this.#scheduler = scheduler;
    this.#wadm = wadm;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#scheduler.start();
    this.#wadm.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#wadm.stop();
    await this.#scheduler.stop();
  }
}
