import 'reflect-metadata';
import { ConfigError, type Logger } from '@kasmcloud/observe';
import { helpText, type Config } from './config.ts';
import { createHttpApp } from './http-app.ts';
import { CONFIG, LOGGER } from './tokens.ts';

async function main(): Promise<void> {
  const app = await createHttpApp();
  const { port, bind } = app.get<Config>(CONFIG);
  app.enableShutdownHooks();
  await app.listen(port, bind);
  app.get<Logger>(LOGGER).info({ url: await app.getUrl() }, 'listening');
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
