import { Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger, createMetrics, Health, type Logger, type Metrics } from '@kasmcloud/observe';
import type { Config } from './config.ts';
import { RepeaterService } from './service.ts';

export const LOGGER = Symbol('logger');
export const METRICS = Symbol('metrics');

@Module({})
export class AppModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #service: RepeaterService;
  readonly #health: Health;

  constructor(service: RepeaterService, health: Health) {
    this.#service = service;
    this.#health = health;
  }

  static of(config: Config): DynamicModule {
    return {
      module: AppModule,
      providers: [
        Health,
        { provide: LOGGER, useFactory: () => createLogger({ service: 'repeater', level: config.logLevel }) },
        { provide: METRICS, useFactory: () => createMetrics() },
        {
          provide: RepeaterService,
          useFactory: (logger: Logger, metrics: Metrics) => new RepeaterService(config, logger, metrics),
          inject: [LOGGER, METRICS],
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.#health.addReadiness('repeater', () => this.#service.failure);
    this.#service.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#health.startShutdown();
    await this.#service.close();
  }
}
