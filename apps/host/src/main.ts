import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError, mountProbes, type Health, type Logger, type Metrics } from '@kasmcloud/observe';
import { AppModule } from './app.module.ts';
import { helpText, type Config } from './config.ts';
import { CONFIG, HEALTH, LOGGER, METRICS } from './tokens.ts';

async function main(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  const config = app.get<Config>(CONFIG);
  const log = app.get<Logger>(LOGGER);
  mountProbes(app.getHttpAdapter().getInstance(), {
    health: app.get<Health>(HEALTH),
    metrics: app.get<Metrics>(METRICS),
  });
  app.enableShutdownHooks();
  await app.listen(config.port, config.bind);
  log.info({ url: await app.getUrl() }, 'listening');
}

if (process.argv.includes('--help')) {
  process.stdout.write(helpText());
} else {
  try {
    await main();
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = 1;
  }
}
