import type { Result } from '../harness.ts';
import { c16, c256, lostOf, middleRate, ratio } from './call-rates.ts';
import type { HttpClient } from './http-client.ts';
import { firstAnswer, fixture, LATTICE, type Lattice } from './lattice.ts';
import { INSTANCES, rustLattice, serveWithWrpcWasmtime } from './rust-hosts.ts';

const GREET = 'example:greet/greeter';
/** Of windows. */
const PAIRS = 10;

/** The calls of one component to another on two hosts of ours, beside the same two components on hosts of others. */
export async function measureRustCalls(lattice: Lattice, client: HttpClient): Promise<Result[]> {
  const hosts = await Promise.all(['caller-host', 'callee-host'].map((name) => lattice.host(name)));
  const ours = await caller('greeter');
  await lattice.actor('greeter', 'callee-host', { image: fixture('greeter') });
  await firstAnswer(ours, '/1', performance.now());
  const results = [...(await besideWasmcloud()), ...(await besideWrpcWasmtime())];
  client.forget(ours);
  for (const host of hosts) await lattice.stop(host);
  return results;

  /** A component of ours that calls another over NATS. Resolves with the port of its HTTP server. */
  async function caller(target: string): Promise<number> {
    const id = `to-${target}`;
    const port = await lattice.http(id, 'caller-host');
    await lattice.link(id, target, GREET);
    await lattice.actor(id, 'caller-host', { image: fixture('repeat') });
    return port;
  }

  /** The same two components on two wasmCloud hosts. */
  async function besideWasmcloud(): Promise<Result[]> {
    await using rust = await rustLattice(lattice.nats);
    if (rust === undefined) return [];
    const [one, other] = [await rust.host(), await rust.host()];
    await rust.link({ source: 'caller', target: 'callee', wit: GREET });
    await rust.actor(other, 'callee', fixture('greeter'), { instances: INSTANCES });
    await rust.actor(one, 'caller', fixture('repeat'), { instances: INSTANCES });
    const address = await rust.http(one, 'caller-http', 'caller');
    return await compare('wrpc-vs-wasmcloud', Number(address.split(':')[1]));
  }

  /** Our caller, and wrpc-wasmtime in the place of our host of the callee. */
  async function besideWrpcWasmtime(): Promise<Result[]> {
    const program = await serveWithWrpcWasmtime(lattice.nats.url, LATTICE, 'greeter-rust', fixture('greeter'));
    if (program === undefined) return [];
    try {
      return await compare('wrpc-vs-wrpc-wasmtime', await caller('greeter-rust'));
    } finally {
      await program.stop();
    }
  }

  /** How many times as many calls ours makes; its figure with the other's as baseline. */
  async function compare(name: string, port: number): Promise<Result[]> {
    await firstAnswer(port, '/1', performance.now());
    const results: Result[] = [];
    for (const load of [c16, c256]) {
      const measured = await ratio(client, { port: ours, ...load }, { port, ...load }, PAIRS);
      const { verified } = measured;
      const lost = lostOf(measured.theirs);
      if (lost > 0) process.stderr.write(`${name}: ${lost} requests to the other were never answered\n`);
      const suffix = load === c256 ? '' : `-c${load.connections}`;
      const [value, baseline] = [middleRate(measured.ours), middleRate(measured.theirs)];
      results.push({ name: `${name}${suffix}`, value: measured.ratio, unit: 'x', baseline: null, verified });
      results.push({ name: `${name}${suffix}-calls-per-s`, value, unit: '/s', baseline, verified });
    }
    client.forget(port);
    return results;
  }
}
