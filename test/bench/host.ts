/**
 * A host as a program, with real NATS, an API server, and clients: HTTP, calls between components, starts, memory, and
 * what a spinning actor does to its neighbour. HTTP is compared with node:http and jco's server in the same run, and with a
 * wasmCloud host where `WASMCLOUD_HOST` names one; calls with the same, and with `WRPC_WASMTIME`.
 */
import { asked } from './asked.ts';
import { report, type Result } from './harness.ts';
import { measureCalls } from './host/calls.ts';
import { HttpClient } from './host/http-client.ts';
import { measureHttp } from './host/http.ts';
import { buildHost, Lattice } from './host/lattice.ts';
import { measureIdleActors, measureNeighbour } from './host/room.ts';
import { measureRustCalls } from './host/rust-calls.ts';
import { measureStarts } from './host/starts.ts';
import { measureTraces } from './host/traces.ts';

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** By name. */
const parts: Readonly<Record<string, (lattice: Lattice, client: HttpClient) => Promise<Result[]>>> = {
  http: measureHttp,
  calls: measureCalls,
  'rust-calls': measureRustCalls,
  starts: measureStarts,
  idle: measureIdleActors,
  neighbour: measureNeighbour,
  traces: measureTraces,
};

const options = asked('host', 'A host as a program: HTTP, calls, starts, memory, and its neighbours.', {
  only: { value: 'PARTS', tells: 'these parts alone', oneOf: Object.keys(parts), several: true },
});
const only = options.get('only')?.split(',');
const chosen = Object.entries(parts).filter(([name]) => only?.includes(name) ?? true);

await buildHost();
const results: Result[] = [];
for (const [name, measure] of chosen) {
  const beganAt = performance.now();
  await using lattice = await Lattice.start();
  await using client = new HttpClient();
  results.push(...(await measure(lattice, client)));
  tell(`${name}: ${((performance.now() - beganAt) / 1_000).toFixed(0)} s`);
}
report('KasmCloud host; baseline: node:http, or the same without the load', results);
