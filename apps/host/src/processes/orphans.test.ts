import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Orphans } from './orphans.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasm-orphans-'));
afterAll(() => rm(folder, { recursive: true }));

test.skipIf(process.platform !== 'linux')(
  'what a host has left is ended by the next one, and nothing that only has the same number',
  async () => {
    const left = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const other = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const ended = once(left, 'exit');
    await new Orphans(folder).note(left.pid ?? 0);
    await writeFile(join(folder, `${other.pid}.json`), JSON.stringify({ pid: other.pid, born: 'long ago' }));
    await writeFile(join(folder, '7.json'), '{"pid":');
    expect(await new Orphans(folder).end()).toEqual([left.pid]);
    expect((await ended)[1]).toBe('SIGKILL');
    expect(other.kill(0)).toBe(true);
    other.kill('SIGKILL');
    expect(await new Orphans(folder).end()).toEqual([]);
  },
);

test('a host that left nothing has nothing to end', async () => {
  expect(await new Orphans(join(folder, 'nowhere')).end()).toEqual([]);
});
