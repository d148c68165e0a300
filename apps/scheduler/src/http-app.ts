import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mountProbes, type Health, type Logger, type Metrics } from '@kasmcloud/observe';
import { Gate } from './access/gate.ts';
import { AppModule } from './app.module.ts';
import type { Config } from './config.ts';
import { applicationOptions, createAdapter, prepareHttp } from './rest/http.ts';
import { Scheduler } from './scheduler.ts';
import { CONFIG, HEALTH, LOGGER, METRICS } from './tokens.ts';

/** The scheduler with its REST API, its docs and its probes, not yet listening. */
export async function createHttpApp(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(), applicationOptions);
  mountProbes(app.getHttpAdapter().getInstance(), {
    health: app.get<Health>(HEALTH),
    metrics: app.get<Metrics>(METRICS),
  });
  prepareHttp(app, app.get<Logger>(LOGGER));
  if (app.get<Config>(CONFIG).queueBoard) {
    // It brings its own pages: not part of the bundle, and not loaded where nobody wants it.
    const { mountQueueBoard } = await import('./rest/queue-board.ts');
    const scheduler = app.get(Scheduler);
    await mountQueueBoard(app.getHttpAdapter().getInstance(), {
      gate: app.get(Gate),
      queues: () => scheduler.boardQueues(),
    });
  }
  return app;
}
