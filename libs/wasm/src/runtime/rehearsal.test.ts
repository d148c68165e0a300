import { createLogger } from '@kasmcloud/observe';
import { expect, test } from 'vitest';
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
