import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtin, WasmCloudLink } from '@kasmcloud/kube-api';
import { freePort, startOtlpCollector } from '@kasmcloud/testing';
import { afterAll, expect, test, vi } from 'vitest';
import { eventually, get, Hosts } from './host.fixture.ts';

vi.setConfig({ testTimeout: 120_000 });

const repository = join(import.meta.dirname, '../../..');
const folder = await mkdtemp(join(tmpdir(), 'kasm-provider-node-'));
const collector = await startOtlpCollector();
// The provider has its own exporter, with what its host says of traces.
const tracing = {
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '100',
};
Object.assign(process.env, tracing);
const [hosts, port] = await Promise.all([
  Hosts.start({ KASMCLOUD_PROVIDER_PROCESSES: 'true', ...tracing }),
  freePort(),
]);
afterAll(async () => {
  await hosts.close();
  await collector.close();
  await rm(folder, { recursive: true });
});

/** The example somewhere else, as after `npm install`. */
async function install(): Promise<void> {
  await cp(join(repository, 'examples/provider-node'), join(folder, 'provider-node'), { recursive: true });
  await mkdir(join(folder, 'provider-node/node_modules/@kasmcloud'), { recursive: true });
  await symlink(join(repository, 'libs/provider'), join(folder, 'provider-node/node_modules/@kasmcloud/provider'));
}

test('an actor asks a provider in Node.js over an interface of their own, as its link lets it', async () => {
  await install();
  await hosts.applyExample('provider-node/app.yaml', {
    'file:///examples/': `${pathToFileURL(folder).href}/`,
    'my-host': 'host-a',
    '0.0.0.0:8080': `0.0.0.0:${port}`,
  });
  await eventually(
    async () => expect(await get(port, '/to-be-or-not-to-be')).toBe('200 6 words, 4 distinct, most often: to (2)'),
    60_000,
  );
  expect(await get(port)).toBe('200 0 words, 0 distinct');
  expect(await get(port, `/${'x'.repeat(101)}`)).toBe('200 too long: at most 100 bytes');

  await eventually(async () => {
    const counted = collector.spans.find(({ resource }) => resource['service.name'] === 'counter');
    const trace = collector.spans.filter(({ traceId }) => traceId === counted?.traceId);
    const root = trace.find(({ name }) => name === 'GET');
    // One that found nobody there yet is in the trace too.
    const asked = trace.find(({ spanId }) => spanId === counted?.parentSpanId);
    expect(counted).toMatchObject({ name: 'example:words/counter@0.1.0/count', kind: 2 });
    expect(asked).toMatchObject({ kind: 3, parentSpanId: root?.spanId });
  });

  const data = { data: { languages: 'de' } };
  await hosts.server.client.patch(builtin.ConfigMap, 'counter', 'words', data, { type: 'merge' });
  await eventually(async () => expect(await get(port, '/be')).toBe('200 unknown language: en'));

  await hosts.server.client.delete(WasmCloudLink, 'words-counter', 'words');
  await eventually(async () => expect(await get(port, '/be')).toMatch(/^500/));
});
