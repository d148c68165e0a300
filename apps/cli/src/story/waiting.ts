import { setTimeout as sleep } from 'node:timers/promises';

/** What a look at the world gave: what was waited for, or what is still missing. */
export type Look<T> = { readonly found: T } | { readonly missing: string };

const PAUSE_MS = 100;

/** What was waited for did not come in time; the message says what was missing at the last look. */
export class WaitedInVainError extends Error {
  override readonly name = 'WaitedInVainError';
}

/** Looks again and again until it is there. A look that throws counts as missing. Throws WaitedInVainError on abort. */
export async function until<T>(look: () => Promise<Look<T>>, signal: AbortSignal): Promise<T> {
  let missing = 'nothing was looked at yet';
  while (!signal.aborted) {
    try {
      const seen = await look();
      if ('found' in seen) return seen.found;
      ({ missing } = seen);
    } catch (error) {
      missing = error instanceof Error ? error.message : String(error);
    }
    await sleep(PAUSE_MS);
  }
  throw new WaitedInVainError(missing);
}
