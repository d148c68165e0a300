import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mountProbes, type Health, type Logger, type Metrics } from '@kasmcloud/observe';
import { AppModule } from './app.module.ts';
import { applicationOptions, createAdapter, prepareHttp } from './rest/http.ts';
import { HEALTH, LOGGER, METRICS } from './tokens.ts';

/** The scheduler with its REST API, its docs and its probes, not yet listening. */
export async function createHttpApp(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(), applicationOptions);
  mountProbes(app.getHttpAdapter().getInstance(), {
    health: app.get<Health>(HEALTH),
    metrics: app.get<Metrics>(METRICS),
  });
  prepareHttp(app, app.get<Logger>(LOGGER));
  return app;
}
