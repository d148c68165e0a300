import { expect, test } from 'vitest';
import { FaultRun } from './fault-run.fixture.ts';

/** How long it is run; not at all unless `KASMCLOUD_FAULT_MINUTES` says so. The seeded run of `faults.test.ts` is always made. */
const MINUTES = Number(process.env['KASMCLOUD_FAULT_MINUTES'] ?? 0);
const FEWEST_A_MINUTE = 5;

test.skipIf(MINUTES === 0)(`${MINUTES} minutes of faults`, { timeout: (MINUTES + 10) * 60_000 }, async () => {
  const seed = Number(process.env['KASMCLOUD_FAULT_SEED'] ?? 1);
  const run = await FaultRun.start(seed);
  const end = performance.now() + MINUTES * 60_000;
  try {
    while (performance.now() < end) await run.round();
    expect(run.faults).toBeGreaterThanOrEqual(MINUTES * FEWEST_A_MINUTE);
  } finally {
    await run.close();
  }
});
