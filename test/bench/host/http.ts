import { availableParallelism } from 'node:os';
import type { LegacyLattice } from '../../interop/legacy-lattice.ts';
import { median, type Result } from '../harness.ts';
import { BareServer } from './bare-server.ts';
import type { Asked, HttpClient } from './http-client.ts';
import { firstAnswer, HELLO, image, type Lattice } from './lattice.ts';
import { INSTANCES, rustLattice } from './rust-hosts.ts';
import { ShimServer } from './shim.ts';

const ROUNDS = 20;
const WINDOW_MS = 300;
const CONNECTIONS = [1, 32, 256] as const;
const HOST = 'web-host';
const GREETING = `hello from ${HOST}\n`;

/**
 * HTTP hello through a host, and through node:http with as many threads, jco's own server, and a wasmCloud host where there
 * is one: a window of one, then a window of the next.
 */
export async function measureHttp(lattice: Lattice, client: HttpClient): Promise<Result[]> {
  const threads = availableParallelism();
  const host = await lattice.host(HOST, { KASMCLOUD_WORKERS: String(threads) });
  // As many threads of the host accept requests.
  await using bare = await BareServer.start(threads, GREETING);
  const port = await lattice.http('web', HOST);
  await lattice.actor('web', HOST);
  await firstAnswer(port, '/', performance.now());

  await using shim = await ShimServer.start(HOST);
  await using rust = await rustLattice(lattice.nats);
  const rustPort = rust === undefined ? undefined : await helloOf(rust);

  const results: Result[] = [];
  for (const connections of CONNECTIONS) {
    const ask = (to: number, ms: number): Promise<Asked> =>
      client.ask({ port: to, path: '/', connections, ms, expected: GREETING });
    for (const to of [port, bare.port]) await ask(to, 1_000);
    const ours: Asked[] = [];
    const theirs: Asked[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await ask(port, WINDOW_MS));
      theirs.push(await ask(bare.port, WINDOW_MS));
    }
    const verified = [...ours, ...theirs].every(({ wrong, lost }) => wrong + lost === 0);
    const row = (name: string, unit: string, figure: Figure): Result => ({
      name: `http-${name}-c${connections}`,
      value: middle(ours, figure),
      unit,
      baseline: middle(theirs, figure),
      verified,
    });
    results.push(row('rps', '/s', 'perSecond'), row('p50-ms', 'ms', 'p50'), row('p99-ms', 'ms', 'p99'));
    if (connections === 32) results.push(ratioOf('http-vs-node', ours, theirs));
    if (connections !== 32) continue;
    // The component's own word for its host is not known to wasmCloud's hosts.
    const others = [
      { name: 'http-vs-preview2-shim', to: shim.port, expected: GREETING },
      ...(rustPort === undefined ? [] : [{ name: 'http-vs-wasmcloud', to: rustPort, expected: 'hello' }]),
    ];
    for (const { name, to, expected } of others) results.push(await compare(name, to, expected));
  }
  for (const one of [port, bare.port, shim.port, ...(rustPort === undefined ? [] : [rustPort])]) client.forget(one);
  await lattice.stop(host);
  return results;

  /** Ours and another, in turn, with 32 connections. */
  async function compare(name: string, to: number, expected: string): Promise<Result> {
    await hello(client, to, expected);
    const ours: Asked[] = [];
    const theirs: Asked[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await hello(client, port, GREETING));
      theirs.push(await hello(client, to, expected));
    }
    return ratioOf(name, ours, theirs);
  }
}

/** The hello component on a wasmCloud host, behind the HTTP server that is built into it. Resolves with the port. */
async function helloOf(rust: LegacyLattice): Promise<number> {
  const host = await rust.host();
  await rust.actor(host, 'hello', image(HELLO), { instances: INSTANCES });
  const address = await rust.http(host, 'hello-http', 'hello');
  const port = Number(address.split(':')[1]);
  await firstAnswer(port, '/', performance.now());
  return port;
}

const hello = (client: HttpClient, port: number, expected: string): Promise<Asked> =>
  client.ask({ port, path: '/', connections: 32, ms: WINDOW_MS, expected });

/** How many times as many answers ours gave, as the median of pairs of windows. */
function ratioOf(name: string, ours: readonly Asked[], theirs: readonly Asked[]): Result {
  const ratios = ours.map(({ perSecond }, round) => perSecond / (theirs[round]?.perSecond ?? NaN));
  const verified = [...ours, ...theirs].every(({ wrong, lost }) => wrong + lost === 0);
  return { name, value: median(ratios.toSorted((a, b) => a - b)), unit: 'x', baseline: null, verified };
}

type Figure = 'perSecond' | 'p50' | 'p99';

const middle = (asked: readonly Asked[], figure: Figure): number =>
  median(asked.map((one) => one[figure]).toSorted((a, b) => a - b));
