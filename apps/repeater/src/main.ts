import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError, Health, mountProbes, type Logger } from '@kasmcloud/observe';
import { AppModule, LOGGER, METRICS } from './app.module.ts';
import { helpText, loadConfig, type Config } from './config.ts';

function readConfig(): Config {
  if (process.argv.includes('--help')) {
    process.stdout.write(helpText());
    process.exit(0);
  }
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\nRun with --help to see every setting.\n`);
    process.exit(2);
  }
}

const config = readConfig();
const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(config), new FastifyAdapter(), {
  logger: false,
});
app.enableShutdownHooks();
mountProbes(app.getHttpAdapter().getInstance(), { health: app.get(Health), metrics: app.get(METRICS) });
await app.listen(config.port, config.host);
app.get<Logger>(LOGGER).info({ url: await app.getUrl() }, 'repeater listens');
