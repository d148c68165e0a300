import { webster } from '../apportion/webster.ts';
import type { Job } from './job.ts';

/**
 * Places the jobs of one priority. If there is room for all, each gets what it asks. If one takes what another needs,
 * those who went short go first; and if that does not serve everybody, the room is shared in proportion to what they
 * still ask: everything is placed again in rounds, and in every round each job may grow by its Webster share of that round.
 */
export function placeTogether(jobs: readonly Job[]): void {
  const asking = jobs.filter((job) => job.missing > 0 && !job.isFrozen);
  const asks = new Map(asking.map((job) => [job, job.missing]));
  const undo = markAll(asking);
  for (const job of asking) job.grow();
  if (!asking.some((job) => job.missing > 0) || asking.length < 2) return;

  const together = new Map(asking.map((job) => [job, job.missing]));
  undo();
  const alone = new Map(asking.map((job) => [job, together.get(job) === 0 ? 0 : missingAlone(job)]));
  const short = asking.filter((job) => (alone.get(job) ?? 0) < (together.get(job) ?? 0));
  if (short.length === 0) {
    for (const job of asking) job.grow();
    return;
  }
  const order = [...short, ...asking.filter((job) => !short.includes(job))];
  for (const job of order) job.grow();
  if (order.every((job) => job.missing <= (alone.get(job) ?? 0))) return;
  undo();
  share(order, asks);
}

/** Small jobs go seat by seat, so their shares are exact; large ones in steps of at least a 64th. */
const MOST_ROUNDS = 64;

function share(jobs: readonly Job[], asks: ReadonlyMap<Job, number>): void {
  const weights = jobs.map((job) => asks.get(job) ?? 0);
  const total = weights.reduce((a, b) => a + b, 0);
  const rounds = Math.min(total, MOST_ROUNDS);
  const none = weights.map(() => 0);
  const granted = weights.map(() => 0);
  for (let round = 1; round <= rounds; round++) {
    const due = webster(Math.ceil((total * round) / rounds), weights, none, weights, (i) => jobs[i]?.seed ?? 0);
    for (const [i, job] of jobs.entries()) {
      const more = (due[i] ?? 0) - (granted[i] ?? 0);
      if (more <= 0) continue;
      granted[i] = due[i] ?? 0;
      job.grow(more);
    }
  }
  // Room that one could not use in its round may serve another now.
  for (const job of jobs) job.grow();
}

function missingAlone(job: Job): number {
  const undo = job.mark();
  job.grow();
  const { missing } = job;
  undo();
  return missing;
}

function markAll(jobs: readonly Job[]): () => void {
  const undos = jobs.map((job) => job.mark());
  return () => {
    for (const undo of undos) undo();
  };
}
