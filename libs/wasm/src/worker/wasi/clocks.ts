import type { Guest } from '../guest.ts';
import type { Interfaces } from '../interface.ts';
import { Pollable } from './io.ts';

interface DateTime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

const now = (): DateTime => {
  const milliseconds = Date.now();
  return {
    seconds: BigInt(Math.floor(milliseconds / 1000)),
    nanoseconds: (milliseconds % 1000) * 1_000_000,
  };
};

/** Ready once the monotonic clock has reached `instant`; sets one timer however often it is waited for. */
const timer = (guest: Guest, instant: bigint): Pollable => {
  let waiting: Promise<void> | undefined;
  return new Pollable({
    isReady: () => process.hrtime.bigint() >= instant,
    wait: () => {
      const left = instant - process.hrtime.bigint();
      // Timers count milliseconds and may fire a little early: then another is set.
      waiting ??= guest.gate.delay(Math.max(1, Math.ceil(Number(left) / 1e6))).finally(() => (waiting = undefined));
      return waiting;
    },
  });
};

export const clocks = (guest: Guest): Interfaces => ({
  'wasi:clocks/wall-clock': { now, resolution: (): DateTime => ({ seconds: 0n, nanoseconds: 1_000_000 }) },
  'wasi:clocks/monotonic-clock': {
    now: () => process.hrtime.bigint(),
    resolution: () => 1n,
    subscribeInstant: (when: bigint) => timer(guest, when),
    subscribeDuration: (nanoseconds: bigint) => timer(guest, process.hrtime.bigint() + nanoseconds),
  },
  'wasi:clocks/timezone': {
    display: () => ({ utcOffset: 0, name: 'UTC', inDaylightSavingTime: false }),
    utcOffset: () => 0,
  },
});
