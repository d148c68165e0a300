import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger } from '@kasmcloud/observe';
import { afterAll, describe, expect, test } from 'vitest';
import { entryUrl } from '../entry.ts';
import { get, openRuntime, textOf } from '../testing/harness.ts';

const openWatched = async () => {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', level: 'warn', destination: { write: (line) => lines.push(line) } });
  return { runtime: await openRuntime({ logger, workers: 1 }), lines };
};

test('a rehearsal goes well, and components load after it as before', async () => {
  const { runtime, lines } = await openWatched();
  await runtime.rehearse();
  const hello = await runtime.load('hello', { config: { greeting: 'good evening' } });
  expect(await textOf(await hello.handleHttp(get('/')))).toBe('good evening\n');
  await expect.poll(() => hello.usage.ended).toEqual({ value: 1, error: 0, trap: 0, abandoned: 0 });
  await runtime.close();
  expect(lines).toEqual([]);
});

test('a runtime that closes during its rehearsal says nothing of it', async () => {
  const { runtime, lines } = await openWatched();
  const rehearsal = runtime.rehearse();
  await runtime.close();
  await rehearsal;
  expect(lines).toEqual([]);
});

describe('the spare worker', () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  /** A runtime, and how many workers it has started so far. */
  const openCounted = async (workers: number) => {
    const folder = await mkdtemp(join(tmpdir(), 'kasmcloud-spare-'));
    folders.push(folder);
    const log = join(folder, 'started');
    await writeFile(log, '');
    const noting = `import { appendFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(log)}, '.');
      await import(${JSON.stringify(entryUrl('runtime').href)});`;
    const path = join(folder, 'worker.mjs');
    await writeFile(path, noting);
    // A worker that is slow to come to its calls must not have another one started.
    const runtime = await openRuntime({ workerUrl: pathToFileURL(path), workers, patienceMs: 60_000 });
    return { runtime, started: async () => (await readFile(log, 'utf8')).length };
  };

  test('is started beside the one that components take, and no more than there should be', async () => {
    const { runtime, started } = await openCounted(2);
    await runtime.rehearse();
    expect(await started()).toBe(1);
    await runtime.load('hello');
    await expect.poll(started).toBe(2);
    await runtime.load('hello');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await started()).toBe(2);
    await runtime.close();
  });

  test('ends with the rehearsal where none is kept, and the first component has one made', async () => {
    const { runtime, started } = await openCounted(2);
    await runtime.rehearse({ spare: false });
    const hello = await runtime.load('hello');
    expect(await textOf(await hello.handleHttp(get('/')))).toBe('hello\n');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await started()).toBe(2);
    await runtime.close();
  });
});
