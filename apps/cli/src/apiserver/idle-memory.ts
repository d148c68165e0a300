import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 1_000;
/** A process that works less than this share of its time is idle. */
const IDLE_SHARE = 0.1;
const IDLE_LOOKS = 2;
const WORTH_BYTES = 8 * 1024 * 1024;

/**
 * Gives memory back after a burst of work. V8 collects what it has to while it allocates, so a process that was busy and
 * then waits would hold its garbage for hours. Returns what stops it.
 */
export function collectWhenIdle(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return () => undefined;
  let before = process.cpuUsage();
  let idle = 0;
  let heapAfterLast = 0;
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    idle = user + system < IDLE_SHARE * LOOK_EVERY_MS * 1_000 ? idle + 1 : 0;
    if (idle !== IDLE_LOOKS || process.memoryUsage().heapUsed < heapAfterLast + WORTH_BYTES) return;
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    heapAfterLast = process.memoryUsage().heapUsed;
    before = process.cpuUsage();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
