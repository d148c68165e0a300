import { availableParallelism } from 'node:os';
import { median, type Result } from '../harness.ts';
import { BareServer } from './bare-server.ts';
import type { Asked, HttpClient } from './http-client.ts';
import { firstAnswer, type Lattice } from './lattice.ts';

const ROUNDS = 20;
const WINDOW_MS = 300;
const CONNECTIONS = [1, 32, 256] as const;
const HOST = 'web-host';
const GREETING = `hello from ${HOST}\n`;

/** HTTP hello through a host, and through node:http with as many threads: a window of one, then a window of the other. */
export async function measureHttp(lattice: Lattice, client: HttpClient): Promise<Result[]> {
  const threads = availableParallelism();
  const host = await lattice.host(HOST, { KASMCLOUD_WORKERS: String(threads) });
  // The host's threads are its workers and the one that listens.
  await using bare = await BareServer.start(threads + 1, GREETING);
  const port = await lattice.http('web', HOST);
  await lattice.actor('web', HOST);
  await firstAnswer(port, '/', performance.now());

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
    const verified = [...ours, ...theirs].every(({ wrong }) => wrong === 0);
    const row = (name: string, unit: string, figure: Figure): Result => ({
      name: `http-${name}-c${connections}`,
      value: middle(ours, figure),
      unit,
      baseline: middle(theirs, figure),
      verified,
    });
    results.push(row('rps', '/s', 'perSecond'), row('p50-ms', 'ms', 'p50'), row('p99-ms', 'ms', 'p99'));
    if (connections === 32) {
      const ratios = ours.map(({ perSecond }, round) => perSecond / (theirs[round]?.perSecond ?? NaN));
      const ratio = median(ratios.toSorted((a, b) => a - b));
      results.push({ name: 'http-vs-node', value: ratio, unit: 'x', baseline: null, verified });
    }
  }
  client.forget(port);
  client.forget(bare.port);
  await lattice.stop(host);
  return results;
}

type Figure = 'perSecond' | 'p50' | 'p99';

const middle = (asked: readonly Asked[], figure: Figure): number =>
  median(asked.map((one) => one[figure]).toSorted((a, b) => a - b));
