import { setTimeout as sleep } from 'node:timers/promises';
import { invoke, PeerTrapError, WrpcTimeoutError, connectLattice } from '@kasmcloud/lattice';
import { silentLogger } from '@kasmcloud/observe';
import { median, type Result } from '../harness.ts';
import type { HttpClient } from './http-client.ts';
import { firstAnswer, fixture, LATTICE, type Lattice } from './lattice.ts';

const SETTLE_MS = 3_000;

/** What an idle actor costs: resident memory of a host with so many, less that of the same host without any. */
export async function measureIdleActors(lattice: Lattice): Promise<Result[]> {
  const host = await lattice.host('idle-host');
  const resident = async (): Promise<number> => {
    await sleep(SETTLE_MS);
    return host.residentBytes();
  };
  const empty = await resident();
  const results: Result[] = [];
  let made = 0;
  for (const count of [1, 100, 1_000]) {
    for (; made < count; made++) await lattice.actor(`idle-${made}`, 'idle-host', { instances: 1 });
    await lattice.ready('idle-host', count);
    const name = count === 1_000 ? 'idle-actor-kb' : `idle-actor-kb-${count}`;
    const value = ((await resident()) - empty) / count / 1_000;
    results.push({ name, value, unit: 'kB', baseline: null, verified: true });
  }
  await lattice.stop(host);
  return results;
}

const ROUNDS = 10;
const WINDOW_MS = 2_000;
const PER_SECOND = 200;

/** The slowest hundredth of an actor's answers while another spins, and while it does not, in turn. */
export async function measureNeighbour(lattice: Lattice, client: HttpClient): Promise<Result[]> {
  const host = await lattice.host('shared-host', { KASMCLOUD_CALL_TIMEOUT: '30s' });
  const port = await lattice.http('neighbour', 'shared-host');
  await lattice.actor('neighbour', 'shared-host');
  await lattice.actor('faulty', 'shared-host', { image: fixture('faulty'), limits: { executionTime: '1s' } });
  await firstAnswer(port, '/', performance.now());
  await lattice.ready('shared-host', 2);
  const connection = await connectLattice({
    servers: lattice.nats.url,
    name: 'bench',
    timeoutMs: 5_000,
    logger: silentLogger,
  });
  const window = { port, path: '/', connections: 16, ms: WINDOW_MS, expected: 'hello', perSecond: PER_SECOND };
  await client.ask(window);
  const alone: number[] = [];
  const beside: number[] = [];
  let wrong = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const quiet = await client.ask(window);
    const stop = new AbortController();
    const spinning = spin(stop.signal);
    await sleep(100);
    const busy = await client.ask(window);
    stop.abort();
    await spinning;
    alone.push(quiet.p99);
    beside.push(busy.p99);
    wrong += quiet.wrong + quiet.lost + busy.wrong + busy.lost;
    for (const [when, { faults }] of Object.entries({ alone: quiet, beside: busy })) {
      for (const [fault, count] of Object.entries(faults)) {
        process.stderr.write(`neighbour, round ${round}, ${when}: ${count} wrong, ${fault}\n`);
      }
    }
  }
  client.forget(port);
  await connection.close();
  await lattice.stop(host);
  const verified = wrong === 0;
  return [
    { name: 'neighbour-p99-ms', value: middle(beside), unit: 'ms', baseline: middle(alone), verified },
    { name: 'neighbour-p99-ratio', value: middle(beside) / middle(alone), unit: 'x', baseline: null, verified },
  ];

  /** Calls a function that never returns, again as soon as the host has ended it. */
  async function spin(signal: AbortSignal): Promise<void> {
    const address = { lattice: LATTICE, target: 'faulty', instance: 'example:fixtures/faults@0.1.0', func: 'spin' };
    while (!signal.aborted) {
      try {
        await invoke(connection, address, { params: [] }, [], { timeoutMs: 10_000 });
      } catch (error) {
        if (!(error instanceof PeerTrapError) && !(error instanceof WrpcTimeoutError)) throw error;
      }
    }
  }
}

const middle = (values: readonly number[]): number => median(values.toSorted((a, b) => a - b));
