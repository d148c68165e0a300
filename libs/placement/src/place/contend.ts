import { webster } from '../apportion/webster.ts';
import type { Job } from './job.ts';

/**
 * Places the jobs of one priority. If there is room for all, each gets what it asks. If some compete for scarce room,
 * it is shared in proportion to what they still ask: everything is placed again in rounds, and in every round
 * each job may grow by its Webster share of that round.
 */
export function placeTogether(jobs: readonly Job[]): void {
  const asking = jobs.filter((job) => job.missing > 0 && !job.isFrozen);
  const asks = asking.map((job) => job.missing);
  const undo = markAll(asking);
  for (const job of asking) job.grow();
  if (!asking.some((job) => job.missing > 0) || asking.length < 2) return;

  const together = asking.map((job) => job.missing);
  undo();
  if (!asking.some((job, i) => missesLessAlone(job, together[i] ?? 0))) {
    for (const job of asking) job.grow();
    return;
  }
  share(asking, asks);
}

/** Small jobs go seat by seat, so their shares are exact; large ones in steps of at least a 64th. */
const MOST_ROUNDS = 64;

function share(jobs: readonly Job[], asks: readonly number[]): void {
  const total = asks.reduce((a, b) => a + b, 0);
  const rounds = Math.min(total, MOST_ROUNDS);
  const none = asks.map(() => 0);
  const granted = asks.map(() => 0);
  for (let round = 1; round <= rounds; round++) {
    const due = webster(Math.ceil((total * round) / rounds), asks, none, asks, (i) => jobs[i]?.seed ?? 0);
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

function missesLessAlone(job: Job, missing: number): boolean {
  if (missing === 0) return false;
  const undo = job.mark();
  job.grow();
  const alone = job.missing;
  undo();
  return alone < missing;
}

function markAll(jobs: readonly Job[]): () => void {
  const undos = jobs.map((job) => job.mark());
  return () => {
    for (const undo of undos) undo();
  };
}
