import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaunchedProgram } from '@kasmcloud/testing';
import { wadmSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/kasm.ts';
import { kubectl, kubectlPath } from '../e2e/kubectl.ts';
import { peers } from './peers.ts';
import { imageFolder } from './sessions.ts';
import { startWadm } from './wadm.ts';
import { InteropWorld } from './world.ts';

const WITHIN_MS = 120_000;
/** That of `kasm up`: hosts of both members serve it. */
const lattice = 'hello';

/** wadm's engine needs nats-server 2.10 or newer: NATS_SERVER_BIN names one where the system's is older. */
describe.skipIf(peers.wadm === undefined || kubectlPath === undefined)("wasmCloud's wadm over KasmCloud hosts", () => {
  let world: InteropWorld;
  let wadm: LaunchedProgram;
  beforeAll(async () => {
    world = await InteropWorld.start({ wash: '', host: undefined });
    const port = Number(new URL(world.state.natsUrl).port);
    wadm = await startWadm(peers.wadm ?? '', { port }, world.connection);
  });
  afterAll(async () => {
    await wadm.stop();
    await world.close();
  });

  async function ask(operation: string, name?: string, body = ''): Promise<string> {
    const subject = wadmSubject.request(lattice, operation, name);
    const { data } = await world.connection.request(subject, new TextEncoder().encode(body), { timeoutMs: 10_000 });
    return new TextDecoder().decode(data);
  }

  const kubeconfigOf = (cluster: string): string =>
    world.state.clusters.find(({ name }) => name === cluster)?.kubeconfig ?? '';

  /** Component ids with their instances, in the member whose host serves the lattice. */
  async function running(): Promise<string> {
    const columns = 'jsonpath={range .items[*]}{.spec.id}={.spec.instances} {end}';
    return (await kubectl(kubeconfigOf('eu-1'), ['-n', lattice, 'get', 'wca', '-o', columns])).trim();
  }

  test('the API is left to it', async () => {
    const path = 'jsonpath={.status.conditions[?(@.type=="WadmPresent")].status}';
    await eventually(WITHIN_MS, async () => (await world.hub(['get', 'namespace', lattice, '-o', path])) === 'True');
    // The heartbeat of a host, every 30 s, tells wadm of a lattice.
    const text = await readFile(join(import.meta.dirname, 'manifests', 'greetings.yaml'), 'utf8');
    expect(await ask('put', undefined, text.replaceAll('IMAGES', imageFolder))).toContain('"result":"created"');
    expect(await world.hub(['-n', lattice, 'get', 'applications', '-o', 'name'])).toBe('');
  });

  test('what it deploys runs, with its links and config, and ends when it is undeployed', async () => {
    expect(await ask('deploy', 'greetings')).toContain('"result":"acknowledged"');
    await eventually(WITHIN_MS, async () =>
      (await ask('status', 'greetings')).includes('"status":{"status":{"type":"deployed"}'),
    );
    expect((await running()).split(' ').toSorted()).toEqual(['greetings-front=2', 'greetings-greeter=3']);
    expect(await kubectl(kubeconfigOf('eu-1'), ['-n', lattice, 'get', 'wcl,cm', '-o', 'name'])).toMatch(
      /wasmcloudlink[^]*configmap\/greetings-manners/,
    );
    expect(await ask('undeploy', 'greetings')).toContain('"result":"acknowledged"');
    await eventually(WITHIN_MS, async () => (await running()) === '');
    await eventually(WITHIN_MS, async () => (await world.hub(['-n', lattice, 'get', 'wcl', '-o', 'name'])) === '');
    expect(await ask('del', 'greetings')).toContain('"result":"deleted"');
  });
});
