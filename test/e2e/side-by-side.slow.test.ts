import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { eventually, get, Kasm, runningPids, temporaryFolder } from './kasm.ts';

const UP_MS = 120_000;
const TEST_MS = 300_000;
const READY = 'Ctrl-C stops everything.';

/** Of kasm and of everything that it runs. */
async function pidsOf(kasm: Kasm): Promise<number[]> {
  const { pid, processes } = await kasm.state();
  return [pid, ...processes.flatMap((one) => one.pid ?? [])];
}

const allAnswer = async (kasm: Kasm): Promise<void> => {
  for (const { frontDoor } of (await kasm.state()).clusters) {
    if (frontDoor !== undefined) expect(await get(frontDoor)).toContain('hello');
  }
};
const noneRuns = async (pids: readonly number[]): Promise<boolean> => {
  const running = await runningPids();
  return !pids.some((pid) => running.has(pid));
};

test(
  'two instances work side by side; a third in a folder that is in use is refused',
  { timeout: TEST_MS },
  async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    const first = Kasm.up(one.path, '--demo');
    const second = Kasm.up(two.path, '--demo');
    try {
      await Promise.all([first.tells(READY, UP_MS), second.tells(READY, UP_MS)]);
      await allAnswer(first);
      await allAnswer(second);

      const third = Kasm.up(one.path, '--demo');
      expect(await third.exit).toBe(1);
      expect(third.told).toContain(`another kasm up (pid ${(await first.state()).pid}) uses ${one.path}`);
      await allAnswer(first);
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
  },
);

test('after Ctrl-C nothing is left, and the same folder starts again', { timeout: TEST_MS }, async () => {
  await using folder = await temporaryFolder();
  const first = Kasm.up(folder.path, '--demo');
  await first.tells(READY, UP_MS);
  const pids = await pidsOf(first);
  expect(await first.stop()).toBe(0);
  expect(await noneRuns(pids)).toBe(true);

  const second = Kasm.up(folder.path, '--demo');
  try {
    await second.tells(READY, UP_MS);
    await allAnswer(second);
  } finally {
    await second.stop();
  }
});

const killings = [
  { who: 'kasm itself', kill: async (kasm: Kasm) => process.kill((await kasm.state()).pid, 'SIGKILL') },
  { who: 'the bin that started it', kill: async (kasm: Kasm) => kasm.signal('SIGKILL') },
];
test.each(killings)(
  'SIGKILL of $who leaves nothing, and the folder starts again',
  { timeout: TEST_MS },
  async ({ kill }) => {
    await using folder = await temporaryFolder();
    const first = Kasm.up(folder.path, '--demo');
    await first.tells(READY, UP_MS);
    const pids = await pidsOf(first);
    await kill(first);
    await first.exit;
    await eventually(15_000, async () => noneRuns(pids));
    expect(pids.length).toBeGreaterThan(8);

    const second = Kasm.up(folder.path, '--demo');
    try {
      await second.tells(READY, UP_MS);
      await allAnswer(second);
    } finally {
      await second.stop();
    }
  },
);

test('a port that somebody else took meanwhile is no trouble', { timeout: TEST_MS }, async () => {
  await using folder = await temporaryFolder();
  const first = Kasm.up(folder.path, '--demo');
  await first.tells(READY, UP_MS);
  const { port } = new URL((await first.state()).restUrl);
  await first.stop();

  const squatter = createServer((_, response) => response.end('mine'));
  squatter.listen(Number(port), '127.0.0.1');
  await once(squatter, 'listening');
  const second = Kasm.up(folder.path, '--demo');
  try {
    await second.tells(READY, UP_MS);
    expect(new URL((await second.state()).restUrl).port).not.toBe(port);
    await allAnswer(second);
  } finally {
    await second.stop();
    squatter.close();
  }
});

test('the whole story where hosts have only ports of 127.0.0.1', { timeout: TEST_MS }, async () => {
  await using folder = await temporaryFolder();
  const kasm = Kasm.up(folder.path, '--demo', '--once', '--json', '--map-ports');
  expect({ code: await kasm.exit, told: kasm.told }).toMatchObject({ code: 0 });
});
