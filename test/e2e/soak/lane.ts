import { setTimeout as sleep } from 'node:timers/promises';

/** What became of one kind of request. */
export interface Tally {
  answered: number;
  /** Why the others were not, the newest last. */
  readonly lost: string[];
}

export interface Lane {
  readonly perSecond: number;
  /** Makes one request; `turn` counts from 0. Throws when the answer is not the right one. */
  readonly ask: (turn: number) => Promise<void>;
}

/** The most requests of a lane that are under way at once. */
const MOST = 8;

/**
 * Asks at a fixed rate until the signal aborts; resolves when all were answered. A machine that is too busy for the rate is
 * asked more slowly, and never for what it missed.
 */
export async function drive({ perSecond, ask }: Lane, signal: AbortSignal): Promise<Tally> {
  const tally: Tally = { answered: 0, lost: [] };
  const asking = new Set<Promise<void>>();
  const one = async (turn: number): Promise<void> => {
    try {
      await ask(turn);
      tally.answered++;
    } catch (error) {
      tally.lost.push(reasonOf(error));
    }
  };
  for (let turn = 0; !signal.aborted; turn++) {
    const asked = one(turn).finally(() => asking.delete(asked));
    asking.add(asked);
    await sleep(1000 / perSecond, undefined, { signal }).catch(() => undefined);
    if (asking.size >= MOST) await Promise.race(asking);
  }
  await Promise.all(asking);
  return tally;
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};
