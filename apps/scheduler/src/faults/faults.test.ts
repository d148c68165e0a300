import { expect, test } from 'vitest';
import { FaultRun } from './fault-run.fixture.ts';

const SEED = 20_261_121;
const RUN_MS = 45_000;

test(
  'a minute of faults: after each the world is as it is decided, and nothing stands twice',
  { timeout: 600_000 },
  async () => {
    const run = await FaultRun.start(SEED);
    try {
      for (const end = performance.now() + RUN_MS; performance.now() < end;) await run.round();
      await run.coldStart();
      expect(run.faults).toBeGreaterThanOrEqual(3);
      expect(run.budgetViolations).toEqual([]);
      expect(run.olderWrites).toEqual([]);
      expect(run.wrongCalls).toEqual([]);
    } finally {
      await run.close();
    }
  },
);
