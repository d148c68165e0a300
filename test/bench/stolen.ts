/** How much of a virtual machine's time went to others: a figure measured meanwhile is of a slower machine than it says. */
import { readFileSync } from 'node:fs';

interface Ticks {
  readonly stolen: number;
  readonly all: number;
}

/** Of all processors since the machine started (proc_stat(5)); undefined where there is no such file. */
function ticks(): Ticks | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/stat', 'utf8');
  } catch {
    return undefined;
  }
  // user nice system idle iowait irq softirq steal; guest time is part of the first two.
  const times = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').slice(0, 8).map(Number) ?? [];
  return { stolen: times[7] ?? 0, all: times.reduce((sum, time) => sum + time, 0) };
}

const atStart = ticks();

/** Percent since this program started; null where the system does not say. */
export function stolenPercent(): number | null {
  const now = ticks();
  if (now === undefined || atStart === undefined || now.all === atStart.all) return null;
  return Math.round((1_000 * (now.stolen - atStart.stolen)) / (now.all - atStart.all)) / 10;
}
