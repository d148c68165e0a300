/** The files that run as threads. */
export type Entry = 'runtime' | 'front' | 'build';

const entries = {
  runtime: { source: './worker/main.ts', bundled: './wasm-worker.cjs' },
  front: { source: './worker/front/main.ts', bundled: './wasm-front.js' },
  build: { source: './prepare/build-worker.ts', bundled: './wasm-build-worker.js' },
} as const;

/**
 * Where a thread's code is when the caller does not say: its source while this file is source, and a file of a fixed
 * name beside the bundle once it is bundled. An app therefore builds more entries, see the README.
 */
export const entryUrl = (entry: Entry, self: string = import.meta.url): URL => {
  const { source, bundled } = entries[entry];
  return new URL(self.endsWith('.ts') ? source : bundled, self);
};
