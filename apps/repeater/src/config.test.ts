import { ConfigError } from '@kasmcloud/observe';
import { expect, test } from 'vitest';
import { helpText, loadConfig } from './config.ts';

test('an empty environment is enough', () => {
  expect(loadConfig({})).toEqual({
    hubKubeconfig: undefined,
    natsUrl: 'nats://127.0.0.1:4222',
    natsCreds: undefined,
    natsDomain: undefined,
    port: 8082,
    host: '127.0.0.1',
    heartbeatMs: 30_000,
    pingMs: 10_000,
    leaseMs: 4_000,
    logLevel: 'info',
  });
});

test('every problem is told at once, by the name of its variable', () => {
  const env = { KASMCLOUD_PORT: '70000', KASMCLOUD_PING_INTERVAL: 'soon', KASMCLOUD_LOG_LEVEL: 'loud' };
  expect(() => loadConfig(env)).toThrow(ConfigError);
  expect(() => loadConfig(env)).toThrow(
    /3 problems[^]*KASMCLOUD_PORT[^]*KASMCLOUD_PING_INTERVAL[^]*KASMCLOUD_LOG_LEVEL/,
  );
});

test('the help names every setting with its default', () => {
  const help = helpText();
  for (const name of ['HUB_KUBECONFIG', 'NATS_URL', 'PORT', 'BIND', 'HEARTBEAT_INTERVAL', 'PING_INTERVAL', 'LOG_LEVEL'])
    expect(help).toContain(`KASMCLOUD_${name}`);
  expect(help).toContain('["30s"]');
});
