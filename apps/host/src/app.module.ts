import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger, createMetrics, Health, type Logger, type Metrics, type Tracing } from '@kasmcloud/observe';
import { loadConfig, type Config } from './config.ts';
import { Host } from './host.ts';
import { CONFIG, HEALTH, LOGGER, METRICS, TRACING } from './tokens.ts';
import { startHostTracing } from './tracing/start.ts';

/** The host process: settings, logs, metrics, health, and the one object that does the work. */
@Module({
  providers: [
    { provide: CONFIG, useFactory: () => loadConfig(process.env) },
    {
      provide: LOGGER,
      useFactory: ({ logLevel, hostName }: Config) =>
        createLogger({ service: 'host', level: logLevel }).child({ host: hostName }),
      inject: [CONFIG],
    },
    { provide: METRICS, useFactory: () => createMetrics({ prefix: 'kasmcloud_host' }) },
    { provide: TRACING, useFactory: startHostTracing, inject: [CONFIG, LOGGER] },
    { provide: HEALTH, useFactory: () => new Health() },
    {
      provide: Host,
      useFactory: (config: Config, log: Logger, metrics: Metrics, health: Health, tracing: Tracing) =>
        new Host(config, log, metrics, health, tracing),
      inject: [CONFIG, LOGGER, METRICS, HEALTH, TRACING],
    },
  ],
})
export class AppModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #host: Host;

  constructor(@Inject(Host) host: Host) {
    this.#host = host;
  }

  onApplicationBootstrap(): void {
    this.#host.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#host.stop();
  }
}
