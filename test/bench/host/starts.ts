import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDockerRegistry } from '@kasmcloud/testing';
import { median, type Result } from '../harness.ts';
import { firstAnswer, HELLO, type HostProgram, type Lattice } from './lattice.ts';

const RUNS = 20;
/** By then a process has compiled what it does for a start. */
const WARM_AFTER = 20;
const WARM_RUNS = 40;
const HOST = 'start-host';
const file = join(import.meta.dirname, '..', '..', '..', HELLO);

/** How long it takes from the watch event of a new Actor, which leaves as its creation is answered, until the first answer. */
export async function measureStarts(lattice: Lattice): Promise<Result[]> {
  const ports = await Promise.all(['starts', 'pulled'].map((id) => lattice.http(id, HOST)));
  const [port, pulledPort] = ports;
  if (port === undefined || pulledPort === undefined) throw new TypeError('two ports were asked for');

  const start = async (name: string, at: number, image?: string): Promise<number> => {
    await lattice.actor(name, HOST, { id: at === port ? 'starts' : 'pulled', ...(image !== undefined && { image }) });
    return firstAnswer(at, '/', performance.now());
  };
  const served = async (host: HostProgram): Promise<HostProgram> => {
    // The listener is there when it says that nobody answers behind it.
    await refused(port);
    await refused(pulledPort);
    return host;
  };
  const settings = { KASMCLOUD_OCI_INSECURE: '' };

  // One run fills the cache. Then each run has a process of its own, in which no actor ran yet; in every other one no worker.
  const cold: number[] = [];
  const noSpare: number[] = [];
  for (let run = 0; run <= 2 * RUNS; run++) {
    const hasSpare = run % 2 === 0;
    const spare = { KASMCLOUD_SPARE_WORKER: String(hasSpare) };
    const host = await served(await lattice.host(HOST, { ...settings, ...spare }, 'kept-cache'));
    const ms = await start('cold', port);
    if (run > 0) (hasSpare ? cold : noSpare).push(ms);
    await lattice.removeActor('cold');
    await lattice.stop(host);
  }

  const warm: number[] = [];
  const host = await served(await lattice.host(HOST, settings, 'kept-cache'));
  await lattice.actor('other', HOST, { id: 'other' });
  await lattice.ready(HOST, 1);
  for (let run = 0; run < WARM_AFTER + WARM_RUNS; run++) {
    warm.push(await start(`warm-${run}`, port));
    await lattice.removeActor(`warm-${run}`);
    await refused(port);
  }
  await lattice.removeActor('other');
  await lattice.stop(host);

  return [
    row('cold-start-cache-ms', cold),
    row('cold-start-no-spare-ms', noSpare),
    row('warm-start-first-ms', warm.slice(0, WARM_AFTER)),
    row('warm-start-ms', warm.slice(WARM_AFTER)),
    ...(await pulled()),
  ];

  async function pulled(): Promise<Result[]> {
    const registry = await startDockerRegistry();
    if (registry === undefined) {
      process.stderr.write('cold-start-registry-ms is not measured: docker-registry is not installed\n');
      return [];
    }
    try {
      await registry.push('bench/hello', '1', await readFile(file));
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const fresh = await lattice.host(HOST, { KASMCLOUD_OCI_INSECURE: registry.host }, `fresh-${run}`);
        await served(fresh);
        times.push(await start('pulled', pulledPort ?? 0, `${registry.host}/bench/hello:1`));
        await lattice.removeActor('pulled');
        await lattice.stop(fresh);
      }
      return [row('cold-start-registry-ms', times)];
    } finally {
      await registry.close();
    }
  }
}

const row = (name: string, times: readonly number[]): Result => ({
  name,
  value: median(times.toSorted((a, b) => a - b)),
  unit: 'ms',
  baseline: null,
  verified: times.length >= RUNS,
});

/** Waits until a listener says that nobody answers behind it. */
async function refused(port: number): Promise<void> {
  for (let attempt = 0; attempt < 5_000; attempt++) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      await answer.text();
      if (answer.status === 503) return;
    } catch {
      // Nobody listens yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`127.0.0.1:${port}: does not say that nobody answers`);
}
