import { availableParallelism } from 'node:os';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { median, type Result } from '../harness.ts';
import type { HttpClient } from './http-client.ts';
import { firstAnswer, fixture, type Lattice } from './lattice.ts';

const ROUNDS = 20;
const WINDOW_MS = 300;
/** How many calls the guest makes for one request, so that the request itself does not count. */
const TIMES = 50;

/** How hosts are started; `HOST_BEFORE` is the `main.js` of a host without traces. */
const ways = (endpoint: string): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  off: {},
  ...(process.env['HOST_BEFORE'] !== undefined && { before: { HOST_MAIN: process.env['HOST_BEFORE'] } }),
  'one-in-100': {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  },
  all: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
});

/**
 * What traces cost: HTTP hello with 32 connections, and calls of a component on another host with 16 callers, on hosts that
 * make none, some, or all of them; a window of one, then a window of the next. Ratios are to the host that makes none.
 */
export async function measureTraces(lattice: Lattice, client: HttpClient): Promise<Result[]> {
  const collector = createServer((request, response) => void request.resume().once('end', () => response.end()));
  await new Promise<void>((resolve) => void collector.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const results: Result[] = [];
  try {
    for (const kind of ['http', 'wrpc'] as const) results.push(...(await measure(kind)));
  } finally {
    collector.close();
  }
  return results;

  async function measure(kind: 'http' | 'wrpc'): Promise<Result[]> {
    const asks = new Map<string, () => Promise<number>>();
    const stop: (() => Promise<void>)[] = [];
    for (const [way, { HOST_MAIN: main, ...settings }] of Object.entries(ways(endpoint))) {
      const name = `${kind}-${way}`;
      const host = await lattice.host(
        name,
        { ...settings, KASMCLOUD_WORKERS: String(availableParallelism()) },
        name,
        main,
      );
      stop.push(() => lattice.stop(host));
      const port = await lattice.http(name, name);
      if (kind === 'wrpc') {
        const far = await lattice.host(`${name}-far`, settings, `${name}-far`, main);
        stop.push(() => lattice.stop(far));
        await lattice.link(name, `${name}-greeter`, 'example:greet/greeter');
        await lattice.actor(`${name}-greeter`, `${name}-far`, { image: fixture('greeter') });
        await lattice.actor(name, name, { image: fixture('repeat') });
      } else await lattice.actor(name, name);
      const [path, connections, expected, each] =
        kind === 'http' ? (['/', 32, 'hello from', 1] as const) : ([`/${TIMES}`, 16, `\r\n${TIMES}`, TIMES] as const);
      await firstAnswer(port, path, performance.now());
      asks.set(
        way,
        async () => (await client.ask({ port, path, connections, ms: WINDOW_MS, expected })).perSecond * each,
      );
    }
    const rates = new Map([...asks.keys()].map((way) => [way, [] as number[]]));
    for (const ask of asks.values()) for (let warm = 0; warm < 4; warm++) await ask();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [way, ask] of asks) rates.get(way)?.push(await ask());
    }
    for (const end of stop) await end();
    const off = rates.get('off') ?? [];
    return [...rates].map(([way, all]) => ({
      name: `${kind}-traces-${way}`,
      value: middle(all.map((rate, round) => rate / (off[round] ?? NaN))),
      unit: `x of ${Math.round(middle(off))} /s`,
      baseline: null,
      verified: all.every((rate) => rate > 0),
    }));
  }
}

const middle = (values: readonly number[]): number => median(values.toSorted((a, b) => a - b));
