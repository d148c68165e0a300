import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../bench/harness.ts';
import type { HostProgram } from '../../bench/host/lattice.ts';

/** How much a process held after it had warmed up, and at the end: medians of a quarter of the time each. */
export interface Flatness {
  readonly early: { readonly bytes: number; readonly descriptors: number };
  readonly late: { readonly bytes: number; readonly descriptors: number };
}

/** Samples a host every second until the signal aborts. */
export async function watchUsage(host: HostProgram, signal: AbortSignal): Promise<Flatness> {
  const samples: { bytes: number; descriptors: number }[] = [];
  while (!signal.aborted) {
    samples.push({ bytes: await host.residentBytes(), descriptors: await host.descriptors() });
    await sleep(1_000, undefined, { signal }).catch(() => {});
  }
  const quarter = Math.floor(samples.length / 4);
  const middle = (part: typeof samples): Flatness['early'] => ({
    bytes: median(part.map(({ bytes }) => bytes).toSorted((a, b) => a - b)),
    descriptors: median(part.map(({ descriptors }) => descriptors).toSorted((a, b) => a - b)),
  });
  return { early: middle(samples.slice(quarter, 2 * quarter)), late: middle(samples.slice(-quarter)) };
}
