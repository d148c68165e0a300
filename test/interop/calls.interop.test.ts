import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/kasm.ts';
import { kubectlPath } from '../e2e/kubectl.ts';
import { CallWorld } from './call-world.ts';
import { peers } from './peers.ts';

const HTTP = 'wasi:http/incoming-handler';
const GREET = 'example:greet/greeter';
const KEYVALUE = 'wasi:keyvalue/store';
const HTTP_SERVER = 'ghcr.io/wasmcloud/http-server:0.27.0';
const WITHIN_MS = 60_000;

/** What is answered, asked until it is what one wants or the time is over: hosts learn of links in their own time. */
async function answered(url: string, want: string, init: RequestInit = {}): Promise<string> {
  let last = '';
  const ask = async (): Promise<boolean> => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
    last = `${response.status} ${await response.text()}`;
    return last === want;
  };
  await eventually(WITHIN_MS, ask).catch((error: unknown) => {
    if (last === '') throw error;
  });
  return last;
}

describe.skipIf(peers.host === undefined || kubectlPath === undefined)('calls between both kinds of hosts', () => {
  let world: CallWorld;
  beforeAll(async () => {
    world = await CallWorld.start(peers.host ?? '');
  });
  afterAll(async () => world.close());

  /** Our HTTP server in front of a component, wherever that runs. */
  async function ourHttp(id: string, target: string, port: number): Promise<string> {
    await world.link(id, target, HTTP, { address: `0.0.0.0:${port}` });
    await world.provider(id, HTTP_SERVER);
    return `http://${await world.endpoint(id)}`;
  }

  test('a custom interface: our actor calls theirs', async () => {
    await world.legacyActor('greeter-1', 'greeter');
    await world.link('front-1', 'greeter-1', GREET);
    await world.actor('front-1', 'front');
    const url = await ourHttp('http-1', 'front-1', 8001);
    expect(await answered(`${url}/Ada`, '200 Hello, Ada!')).toBe('200 Hello, Ada!');
  });

  test('a custom interface: their actor calls ours', async () => {
    await world.actor('greeter-2', 'greeter');
    await world.legacyLink('front-2', 'greeter-2', GREET);
    await world.legacyActor('front-2', 'front');
    const address = await world.legacyHttp('http-2', 'front-2');
    expect(await answered(`http://${address}/Ada`, '200 Hello, Ada!')).toBe('200 Hello, Ada!');
  });

  const poem = 'a rose is '.repeat(50_000);

  test('wrpc:http: our server, their actor', async () => {
    await world.legacyActor('mirror-3', 'mirror');
    const url = await ourHttp('http-3', 'mirror-3', 8003);
    expect(await answered(url, `200 ${poem}`, { method: 'POST', body: poem })).toBe(`200 ${poem}`);
  });

  test('wrpc:keyvalue: our actor, a store of theirs', async () => {
    await world.legacyActor('vault-5', 'vault');
    await world.link('hoard-5', 'vault-5', KEYVALUE);
    await world.actor('hoard-5', 'hoard');
    const url = await ourHttp('http-5', 'hoard-5', 8005);
    expect(await answered(`${url}/20`, '200 20')).toBe('200 20');
  });

  test('wrpc:keyvalue: their actor, a store of ours', async () => {
    await world.provider('memory-6', 'wasmcloud+builtin://keyvalue-memory');
    await world.link('hoard-6', 'memory-6', KEYVALUE);
    await world.legacyLink('hoard-6', 'memory-6', KEYVALUE);
    await world.legacyActor('hoard-6', 'hoard');
    const address = await world.legacyHttp('http-6', 'hoard-6');
    expect(await answered(`http://${address}/20`, '200 20')).toBe('200 20');
  });
});
