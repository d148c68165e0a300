import { median, type Result } from '../harness.ts';
import type { HttpClient } from './http-client.ts';
import { firstAnswer, fixture, LATTICE, type Lattice } from './lattice.ts';
import { RustHosts, serveWithWrpcWasmtime } from './rust-hosts.ts';

const ROUNDS = 20;
const WINDOW_MS = 300;
/** How many calls the guest makes for one request, so that the request itself does not count. */
const TIMES = 50;

interface Rate {
  readonly perSecond: number;
  readonly verified: boolean;
}

/**
 * Calls that guests make: of a component on another host, of one on the same, and of a key-value store. An HTTP request
 * has a guest make many of them, one after another; `c` is how many guests do so at once.
 */
export async function measureCalls(lattice: Lattice, client: HttpClient): Promise<Result[]> {
  const hosts = await Promise.all(['caller-host', 'callee-host'].map((name) => lattice.host(name)));
  const [near, far, hoard] = await Promise.all(['near', 'far', 'hoard'].map((id) => lattice.http(id, 'caller-host')));
  if (near === undefined || far === undefined || hoard === undefined) throw new TypeError('three ports were asked for');
  const repeat = { image: fixture('repeat') };
  const greeter = { image: fixture('greeter') };
  await lattice.link('near', 'greeter-near', 'example:greet/greeter');
  await lattice.link('far', 'greeter-far', 'example:greet/greeter');
  await lattice.link('hoard', 'store', 'wasi:keyvalue/store');
  await lattice.provider('store', 'caller-host', 'wasmcloud+builtin://keyvalue-nats');
  await lattice.actor('greeter-near', 'caller-host', greeter);
  await lattice.actor('greeter-far', 'callee-host', greeter);
  await lattice.actor('near', 'caller-host', repeat);
  await lattice.actor('far', 'caller-host', repeat);
  await lattice.actor('hoard', 'caller-host', { image: fixture('hoard') });
  for (const port of [near, far, hoard]) await firstAnswer(port, '/1', performance.now());

  /** Calls in one window; `each` is how many calls one turn of the guest makes. */
  const calls = async (port: number, connections: number, times = TIMES, each = 1): Promise<Rate> => {
    const window = { port, path: `/${times}`, connections, ms: WINDOW_MS, expected: `\r\n${times}` };
    const { perSecond, wrong } = await client.ask(window);
    return { perSecond: perSecond * times * each, verified: wrong === 0 };
  };
  const rates = async (port: number, connections: number, times?: number, each?: number): Promise<Rate[]> => {
    for (let warm = 0; warm < 3; warm++) await calls(port, connections, times, each);
    const all: Rate[] = [];
    for (let round = 0; round < ROUNDS; round++) all.push(await calls(port, connections, times, each));
    return all;
  };
  const row = (name: string, all: readonly Rate[]): Result => ({
    name,
    value: middle(all.map(({ perSecond }) => perSecond)),
    unit: '/s',
    baseline: null,
    verified: all.every(({ verified }) => verified),
  });

  for (const port of [near, far]) await rates(port, 1);
  const inProcess: Rate[] = [];
  const overNats: Rate[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    inProcess.push(await calls(near, 1, 1_000));
    overNats.push(await calls(far, 1));
  }
  const ratios = inProcess.map(({ perSecond }, round) => perSecond / (overNats[round]?.perSecond ?? NaN));
  const results = [
    row('inprocess-calls-per-s-c1', inProcess),
    {
      name: 'inprocess-vs-nats',
      value: middle(ratios),
      unit: 'x',
      baseline: null,
      verified: [...inProcess, ...overNats].every(({ verified }) => verified),
    },
    row('wrpc-guest-calls-per-s-c1', overNats),
    row('wrpc-guest-calls-per-s-c16', await rates(far, 16)),
    row('wrpc-guest-calls-per-s', await rates(far, 256)),
    row('inprocess-calls-per-s-c16', await rates(near, 16)),
    row('keyvalue-nats-ops-per-s-c1', await rates(hoard, 1, 20, 2)),
    row('keyvalue-nats-ops-per-s-c16', await rates(hoard, 16, 20, 2)),
    ...(await besideRustHosts()),
    ...(await besideWrpcWasmtime()),
  ];
  for (const port of [near, far, hoard]) client.forget(port);
  for (const host of hosts) await lattice.stop(host);
  return results;

  /** The same two components on two wasmCloud hosts, at c=256. */
  async function besideRustHosts(): Promise<Result[]> {
    await using rust = await RustHosts.start(lattice.nats, 2);
    if (rust === undefined) return [];
    await rust.link('caller', 'callee', 'example:greet/greeter');
    await rust.actor('caller', 0, fixture('repeat'));
    await rust.actor('callee', 1, fixture('greeter'));
    const port = await rust.http('caller', 0);
    await firstAnswer(port, '/1', performance.now());
    const result = await compare('wrpc-vs-wasmcloud', port);
    client.forget(port);
    return [result];
  }

  /** Our caller, and the callee in wrpc-wasmtime in place of our host, at c=256. */
  async function besideWrpcWasmtime(): Promise<Result[]> {
    const program = await serveWithWrpcWasmtime(lattice.nats.url, LATTICE, 'greeter-rust', fixture('greeter'));
    if (program === undefined) return [];
    const port = await lattice.http('mixed', 'caller-host');
    await lattice.link('mixed', 'greeter-rust', 'example:greet/greeter');
    await lattice.actor('mixed', 'caller-host', repeat);
    await firstAnswer(port, '/1', performance.now());
    const result = await compare('wrpc-vs-wrpc-wasmtime', port);
    client.forget(port);
    await program.stop();
    return [result];
  }

  /** How many times as many calls ours makes, as the median of pairs of windows. */
  async function compare(name: string, other: number): Promise<Result> {
    const ours: Rate[] = [];
    const theirs: Rate[] = [];
    for (const warmed of [far, other] as const) if (warmed !== undefined) await calls(warmed, 256);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await calls(far ?? 0, 256));
      theirs.push(await calls(other, 256));
    }
    const all = ours.map(({ perSecond }, round) => perSecond / (theirs[round]?.perSecond ?? NaN));
    const verified = [...ours, ...theirs].every((one) => one.verified);
    return { name, value: middle(all), unit: 'x', baseline: null, verified };
  }
}

const middle = (values: readonly number[]): number => median(values.toSorted((a, b) => a - b));
