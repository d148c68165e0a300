import { expect, test } from 'vitest';
import { FaultRun } from './fault-run.fixture.ts';

const ROUNDS = 6;

test('after every fault the world is as it is decided, and nothing stands twice', { timeout: 600_000 }, async () => {
  const run = await FaultRun.start(20_261_121);
  try {
    for (let i = 0; i < ROUNDS; i++) await run.round();
    expect(run.faults).toBeGreaterThanOrEqual(ROUNDS);
  } finally {
    await run.close();
  }
});
