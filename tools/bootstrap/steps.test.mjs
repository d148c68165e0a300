import { expect, test } from 'vitest';
import { execute, SetupError, Steps } from './steps.mjs';

const sink = () => {
  const written = [];
  return { written, out: { isTTY: false, write: (text) => written.push(text) } };
};

test('a step tells what it does, its result and its time', async () => {
  const { written, out } = sink();
  await new Steps(out).run('servers', async (tell) => {
    tell('apt-get update');
    return 'installed redis-server';
  });
  expect(written).toHaveLength(2);
  expect(written[0]).toMatch(/^ {2}… servers +apt-get update {2}\d+\.\d s\n$/);
  expect(written[1]).toMatch(/^ {2}✓ servers +installed redis-server {2}\d+\.\d s\n$/);
});

test('a step that fails says so and passes its error on', async () => {
  const { written, out } = sink();
  const failure = new SetupError('no room');
  await expect(new Steps(out).run('node', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(written.at(-1)).toMatch(/✗ node +failed/);
});

test('execute keeps output and exit code, and a program that is not there is code 127', async () => {
  expect(await execute('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({ code: 3, output: 'out\nerr\n' });
  expect((await execute('/no/such/program', [])).code).toBe(127);
});
