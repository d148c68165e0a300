import { expect, test } from 'vitest';
import { fuzz } from './conformance/fuzz.ts';
import { TestCluster } from './conformance/harness.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 20_000);
/** Another one each time: what it finds is told with the seed and the smallest request, which then joins the corpus. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

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
