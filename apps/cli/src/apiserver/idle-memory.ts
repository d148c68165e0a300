import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 1_000;
/**
 * A process that works less than this share of its time is idle. One that renews the Leases of a hundred hosts is not, nor
 * is a hub with its schedulers: when a host or a cluster is lost, they are to be as fast as they were.
 */
const IDLE_SHARE = 0.01;
/** Half a minute: bursts of work often follow one another. */
const IDLE_LOOKS = 30;
const WORTH_BYTES = 8 * 1024 * 1024;

/** V8's own reducer is not to be switched off once it is there, but it can be told to wait for so long: a day. */
const REDUCER_WAITS_MS = 86_400_000;

/**
 * Gives memory back when a burst of work is long over: V8 collects what it has to while it allocates, so a process that was
 * busy and then waits would hold its garbage for hours. Not sooner, and so not by V8's own reducer, which does it within
 * eight seconds: at rest nothing holds the shapes that requests have, and the code that was optimized for them goes too.
 * Writes cost up to twice the processor time until it is there again. Returns what stops it.
 */
export function collectWhenIdle(): () => void {
  setFlagsFromString(`--memory-reducer-delay-ms=${REDUCER_WAITS_MS}`);
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
