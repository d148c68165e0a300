import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger, createMetrics, Health, type Logger, type Metrics } from '@kasmcloud/observe';
import { loadConfig, type Config } from './config.ts';
import { Scheduler } from './scheduler.ts';
import { CONFIG, HEALTH, LOGGER, METRICS } from './tokens.ts';

/** The scheduler process: settings, logs, metrics, health, and the one object that does the work. */
@Module({
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
  ],
})
export class AppModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #scheduler: Scheduler;

  constructor(@Inject(Scheduler) scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#scheduler.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#scheduler.stop();
  }
}
