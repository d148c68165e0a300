import type { Result } from '../harness.ts';
import { alone, c16, c256, middleRate, rates, ratio, type Rate } from './call-rates.ts';
import type { HttpClient } from './http-client.ts';
import { firstAnswer, fixture, type Lattice } from './lattice.ts';

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

  for (const port of [near, far]) await rates(client, { port, ...alone });
  // In this process a call is so quick that fifty of them would be less than the request.
  const inProcess = { port: near, ...alone, times: 1_000 };
  const first = await ratio(client, inProcess, { port: far, ...alone });
  const store = { port: hoard, times: 20, each: 2, ms: alone.ms };
  const results = [
    row('inprocess-calls-per-s-c1', first.ours),
    { name: 'inprocess-vs-nats', value: first.ratio, unit: 'x', baseline: null, verified: first.verified },
    row('wrpc-guest-calls-per-s-c1', first.theirs),
    row('wrpc-guest-calls-per-s-c16', await rates(client, { port: far, ...c16 })),
    row('wrpc-guest-calls-per-s', await rates(client, { port: far, ...c256 })),
    row('inprocess-calls-per-s-c16', await rates(client, { port: near, ...c16 })),
    row('keyvalue-nats-ops-per-s-c1', await rates(client, { ...store, connections: 1 })),
    row('keyvalue-nats-ops-per-s-c16', await rates(client, { ...store, connections: 16 })),
  ];
  for (const port of [near, far, hoard]) client.forget(port);
  for (const host of hosts) await lattice.stop(host);
  return results;
}

const row = (name: string, all: readonly Rate[]): Result => ({
  name,
  value: middleRate(all),
  unit: '/s',
  baseline: null,
  verified: all.every(({ verified, lost }) => verified && lost === 0),
});
