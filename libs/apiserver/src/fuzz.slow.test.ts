import { expect, test } from 'vitest';
import { fuzz } from './conformance/fuzz.ts';
import { TestCluster } from './conformance/harness.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 20_000);
/** The same each time, so that a red run is red again; FUZZ_SEED looks elsewhere, and what it finds joins the corpus. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_120);

test(
  `${runs} requests nobody can have meant: no 5xx, no crash, no hang (seed ${seed})`,
  { timeout: 1_800_000 },
  async () => {
    const cluster = await TestCluster.start();
    await fuzz(cluster, runs, seed);
    expect((await cluster.ask({ path: '/readyz' })).text).toBe('ok');
    await cluster.close();
  },
);
