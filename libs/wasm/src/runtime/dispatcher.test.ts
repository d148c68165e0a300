import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { WorkerLostError } from '../error.ts';
import { openRuntime } from '../testing/harness.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasmcloud-threads-'));
afterAll(() => rm(folder, { recursive: true }));

/** A runtime whose workers run that code instead of theirs. */
const withWorker = async (code: string) => {
  const path = join(folder, `${code.length}.mjs`);
  await writeFile(path, code);
  return openRuntime({ workerUrl: pathToFileURL(path), workers: 1, graceMs: 50 });
};

describe('a worker that fails', () => {
  test.for([
    ['does not exist', undefined, /Cannot find module|ENOENT/],
    ['throws', 'throw new Error("no luck");', 'no luck'],
    ['ends', 'process.exit(3);', 'it ended with code 3'],
    ['never answers', 'setInterval(() => 0, 1000);', 'did not start within 2000 ms'],
    ['spins', 'for (;;);', 'did not start within 2000 ms'],
  ] as const)('when it %s, loading says so', async ([, code, reason]) => {
    const runtime =
      code === undefined
        ? await openRuntime({ workerUrl: pathToFileURL(join(folder, 'none.mjs')) })
        : await withWorker(code);
    try {
      const loading = runtime.load('greeter', { limits: { executionMs: 2000 } });
      await expect(loading).rejects.toThrow(WorkerLostError);
      await expect(loading).rejects.toThrow(reason);
    } finally {
      await runtime.close();
    }
  });
});
