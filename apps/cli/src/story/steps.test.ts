import { expect, test } from 'vitest';
import { Narrator } from './narrator.ts';
import { StepLog } from './steps.ts';
import { until, WaitedInVainError } from './waiting.ts';

const never = new AbortController().signal;
const silent = (): { log: StepLog; told: string[] } => {
  const told: string[] = [];
  return { log: new StepLog(new Narrator((text) => told.push(text))), told };
};

test('steps are told with their end, and summed up', async () => {
  const { log, told } = silent();
  log.record('install', true, 12.4);
  await log.run('clusters', 1_000, never, async () => 'three clusters');
  expect(told.join('')).toMatch(/ s {2}✓ clusters: three clusters\n$/);
  const summary = log.summary(['install', 'clusters']);
  expect(summary).toMatchObject({ ok: true, steps: [{ name: 'install', ok: true, ms: 12 }, { name: 'clusters' }] });
});

test('after a failed step nothing is run, and what was not reached did not hold', async () => {
  const { log, told } = silent();
  await log.run('clusters', 1_000, never, async () => Promise.reject(new Error('no room')));
  await log.run('commit', 1_000, never, async () => 'never said');
  expect(told.join('')).toMatch(/✗ clusters: no room\n$/);
  expect(log.summary(['clusters', 'commit'])).toMatchObject({
    ok: false,
    steps: [{ ok: false }, { ok: false, ms: 0 }],
  });
});

test('a step has a deadline, and its message says what was missing', async () => {
  const { log, told } = silent();
  await log.run('placed', 150, never, async (signal) => until(async () => ({ missing: '2 of 4 replicas' }), signal));
  expect(told.join('')).toContain('✗ placed: 2 of 4 replicas');
});

test('Ctrl-C ends a step without a verdict', async () => {
  const { log, told } = silent();
  const stop = new AbortController();
  const step = log.run('placed', 5_000, stop.signal, async (signal) => until(async () => ({ missing: 'all' }), signal));
  stop.abort();
  await step;
  expect(told).toEqual([]);
  expect(log.failed).toBe(false);
});

test('until takes an error for something missing and goes on', async () => {
  let looks = 0;
  const seen = await until(async () => {
    looks += 1;
    if (looks < 3) throw new Error('not yet');
    return { found: looks };
  }, never);
  expect(seen).toBe(3);
  await expect(until(async () => ({ missing: 'a host' }), AbortSignal.timeout(50))).rejects.toThrow(WaitedInVainError);
});
