import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DemoClone } from './demo-clone.ts';
import { childrenOf, eventually, get, Kasm, runningPids, temporaryFolder, type State } from './kasm.ts';
import { Supercluster, totalOf } from './supercluster.ts';

const UP_MS = 120_000;
const BACK_MS = 60_000;
const victims = [
  'scheduler',
  'repeater',
  'eu-1-host-1',
  'us-1-host-2',
  'apiserver-hub',
  'apiserver-eu-1',
  'nats',
  'redis',
];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let kasm: Kasm;
let supercluster: Supercluster;

beforeAll(async () => {
  folder = await temporaryFolder();
  kasm = Kasm.up(folder.path, '--demo');
  await kasm.tells('Ctrl-C stops everything.', UP_MS);
  supercluster = new Supercluster(await kasm.state());
}, UP_MS);
afterAll(async () => {
  await kasm.stop();
  await folder[Symbol.asyncDispose]();
  await supercluster.close();
});

const processOf = async (name: string): Promise<State['processes'][number]> => {
  const found = (await kasm.state()).processes.find((record) => record.name === name);
  if (found === undefined) throw new Error(`${name} is not in state.json`);
  return found;
};

/** Every front door answers five times in a row. */
async function allAnswer(): Promise<boolean> {
  const doors = (await kasm.state()).clusters.flatMap(({ frontDoor }) => frontDoor ?? []);
  for (const door of doors) for (let n = 0; n < 5; n++) expect(await get(door)).toContain('hello');
  return true;
}

/** As many replicas run as there should be, each where the planner has placed it. */
async function runs(count: number): Promise<boolean> {
  const [placed, running] = await Promise.all([supercluster.placed(), supercluster.running()]);
  expect(running).toEqual(placed);
  return totalOf(running) === count;
}

describe.each(victims)('kill -9 %s', (victim) => {
  test(
    'it is started again and the story still answers, without an orphan or a double',
    { timeout: UP_MS },
    async () => {
      const before = await processOf(victim);
      const others = (await kasm.state()).processes.filter(({ name }) => name !== victim);
      if (before.pid === undefined) throw new Error(`${victim} does not run`);
      process.kill(before.pid, 'SIGKILL');

      await eventually(BACK_MS, async () => {
        const now = await processOf(victim);
        return now.restarts > before.restarts && now.pid !== undefined && now.pid !== before.pid;
      });
      await eventually(BACK_MS, allAnswer);
      await eventually(BACK_MS, async () => runs(4));

      const state = await kasm.state();
      expect((await runningPids()).has(before.pid)).toBe(false);
      // Our own processes and the warden, nothing else.
      const recorded = state.processes.flatMap(({ pid }) => pid ?? []);
      expect(await childrenOf(state.pid)).toHaveLength(recorded.length + 1);
      const untouched = state.processes.filter(({ name }) => name !== victim);
      expect(untouched.map(({ name, pid }) => ({ name, pid }))).toEqual(others.map(({ name, pid }) => ({ name, pid })));
    },
  );
});

test('the REST API answers after all of that', { timeout: UP_MS }, async () => {
  const { restUrl, token } = await kasm.state();
  let answer = '';
  await eventually(BACK_MS, async () => {
    answer = await get(`${restUrl}/api/v1/clusters`, { authorization: `Bearer ${token}` });
    return true;
  });
  // Not before it knows them: an empty list would be a lie.
  expect(answer).toContain('eu-1');
});

test('a commit still scales after all of that', { timeout: UP_MS }, async () => {
  const clone = await DemoClone.of(folder.path);
  await clone.scale(6);
  await eventually(BACK_MS, async () => runs(6));
  await eventually(BACK_MS, allAnswer);
});
