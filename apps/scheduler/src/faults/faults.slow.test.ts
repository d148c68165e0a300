import { expect, test } from 'vitest';
import { FaultRun } from './fault-run.fixture.ts';

const MINUTES = Number(process.env['KASMCLOUD_FAULT_MINUTES'] ?? 3);
const SEED = Number(process.env['KASMCLOUD_FAULT_SEED'] ?? 1);
/** 300 in half an hour; a machine that is busy with other things makes fewer. */
const FEWEST_A_MINUTE = 5;
const ROUNDS_PER_COLD_START = 10;

const tell = (line: string): void => void process.stderr.write(`${new Date().toISOString()} ${line}\n`);

test(`${MINUTES} minutes of faults`, { timeout: (MINUTES + 15) * 60_000 }, async () => {
  const run = await FaultRun.start(SEED);
  const end = performance.now() + MINUTES * 60_000;
  try {
    for (let round = 1; performance.now() < end; round++) {
      tell(await run.round());
      if (round % ROUNDS_PER_COLD_START === 0) await run.coldStart();
    }
    await run.coldStart();
    expect(run.faults).toBeGreaterThanOrEqual(MINUTES * FEWEST_A_MINUTE);
    expect(run.budgetViolations).toEqual([]);
    expect(run.olderWrites).toEqual([]);
    expect(run.wrongCalls).toEqual([]);
  } finally {
    tell(`seed ${SEED}, ${MINUTES} minutes: ${JSON.stringify(run.summary)}`);
    await run.close();
  }
});
