import { readFile } from 'node:fs/promises';
import type { LoadedComponent, LoadOptions } from './types.ts';

/** Beside this file while it is source, and of a fixed name beside the bundle once it is bundled. */
const guestUrl = (self: string = import.meta.url): URL =>
  new URL(self.endsWith('.ts') ? '../rehearsal/rehearsal.wasm' : './wasm-rehearsal.wasm', self);

/** Code runs several times slower when it has never run: after so many rounds most of that is over. */
const rounds = 3;

const options: LoadOptions = {
  name: 'rehearsal',
  instances: 1,
  limits: { memoryBytes: 2 ** 20, executionMs: 10_000 },
  config: {},
  logLevel: 'critical',
  host: {
    provides: () => false,
    invoke: () => Promise.reject(new Error('the rehearsal has no links')),
    log: () => undefined,
  },
};

/**
 * Has a small component of our own loaded, asked and closed, so that those that follow find a thread that runs, and code
 * in both threads that has run before.
 */
export async function rehearse(
  load: (component: Uint8Array, options: LoadOptions) => Promise<LoadedComponent>,
): Promise<void> {
  const bytes = await readFile(guestUrl());
  for (let round = 0; round < rounds; round++) {
    const guest = await load(bytes, options);
    try {
      const { body } = await guest.handleHttp({ method: 'GET', pathWithQuery: '/', headers: [] });
      for await (const _ of body);
    } finally {
      guest.close();
    }
  }
}
