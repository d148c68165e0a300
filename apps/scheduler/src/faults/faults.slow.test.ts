import { expect, test } from 'vitest';
import { FaultRun } from './fault-run.fixture.ts';

/** `KASMCLOUD_FAULT_MINUTES` asks for a longer run. */
const MINUTES = Number(process.env['KASMCLOUD_FAULT_MINUTES'] ?? 3);
const FEWEST_A_MINUTE = 5;

test(`${MINUTES} minutes of faults`, { timeout: (MINUTES + 10) * 60_000 }, async () => {
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
