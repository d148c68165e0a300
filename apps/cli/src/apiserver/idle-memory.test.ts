import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { collectWhenIdle } from './idle-memory.ts';

const collect = vi.hoisted(() => vi.fn<(how: unknown) => void>());
vi.mock('node:vm', () => ({ runInNewContext: () => collect }));

/** Processor time of all seconds so far, microseconds. */
let worked: number;
let stop: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  collect.mockClear();
  worked = 0;
  vi.spyOn(process, 'cpuUsage').mockImplementation((since) => ({ user: worked - (since?.user ?? 0), system: 0 }));
  stop = collectWhenIdle();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (seconds: number, share: number): void => {
  for (let second = 0; second < seconds; second++) {
    worked += share * 1_000_000;
    vi.advanceTimersByTime(1_000);
  }
};

test('collects once, half a minute after the last work', () => {
  pass(60, 0.5);
  pass(29, 0.005);
  expect(collect).not.toHaveBeenCalled();
  pass(1, 0.005);
  expect(collect).toHaveBeenCalledOnce();
  pass(300, 0.005);
  expect(collect).toHaveBeenCalledOnce();
});

test('work in between begins the wait anew', () => {
  pass(20, 0);
  pass(1, 0.5);
  pass(29, 0);
  expect(collect).not.toHaveBeenCalled();
});

test('whoever renews Leases all the time is at work', () => {
  pass(10, 0.5);
  pass(300, 0.02);
  expect(collect).not.toHaveBeenCalled();
});
