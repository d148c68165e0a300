import 'reflect-metadata';
import { Health } from '@kasmcloud/observe';
import { NestFactory } from '@nestjs/core';
import { expect, test } from 'vitest';
import { AppModule } from './app.module.ts';
import { loadConfig } from './config.ts';

test('the module is wired: it starts, is not ready without NATS, and ends', async () => {
  const config = loadConfig({ KASMCLOUD_NATS_URL: 'nats://127.0.0.1:1', KASMCLOUD_LOG_LEVEL: 'silent' });
  // No cluster is asked before NATS is there, so any readable kubeconfig will do.
  const kubeconfig = new URL('./testdata/kubeconfig.yaml', import.meta.url).pathname;
  const app = await NestFactory.createApplicationContext(AppModule.of({ ...config, hubKubeconfig: kubeconfig }), {
    logger: false,
  });
  const report = await app.get(Health).report('readyz');
  expect(report.checks).toContainEqual({ name: 'repeater', failure: 'NATS was not reached yet' });
  await app.close();
});
