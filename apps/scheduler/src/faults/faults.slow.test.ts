import { expect, test } from 'vitest';
import { FaultRun } from './fault-run.fixture.ts';

const MINUTES = 30;
const FEWEST = 300;

test('for half an hour and 300 faults', { timeout: 3 * 3_600_000 }, async () => {
  const seed = Number(process.env['KASMCLOUD_FAULT_SEED'] ?? 1);
  const run = await FaultRun.start(seed);
  const end = performance.now() + MINUTES * 60_000;
  try {
    while (performance.now() < end || run.faults < FEWEST) await run.round();
    expect(run.faults).toBeGreaterThanOrEqual(FEWEST);
  } finally {
    await run.close();
  }
});
