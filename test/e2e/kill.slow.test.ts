import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childrenOf, eventually, get, Kasm, runningPids, temporaryFolder, type State } from './kasm.ts';
import { kubectl, kubectlPath } from './kubectl.ts';

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

beforeAll(async () => {
  folder = await temporaryFolder();
  kasm = Kasm.up(folder.path, '--demo');
  await kasm.tells('Ctrl-C stops everything.', UP_MS);
}, UP_MS);
afterAll(async () => {
  await kasm.stop();
  await folder[Symbol.asyncDispose]();
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

/** Instances of the component over all members, as the members' API servers tell them. */
async function instances(): Promise<number> {
  const { clusters } = await kasm.state();
  const template = '{range .items[*]}{.spec.instances} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
  let sum = 0;
  for (const { kubeconfig, frontDoor } of clusters) {
    if (frontDoor === undefined) continue;
    const told = await kubectl(kubeconfig, ['get', 'wca', '-A', '-o', `jsonpath=${template}`]);
    for (const [, count] of told.matchAll(/^(\d+) True$/gm)) sum += Number(count);
  }
  return sum;
}

async function git(...args: string[]): Promise<void> {
  const author = ['-c', 'user.name=tester', '-c', 'user.email=tester@localhost'];
  await promisify(execFile)('git', [...author, ...args], { timeout: 30_000 });
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
      if (kubectlPath !== undefined) await eventually(BACK_MS, async () => (await instances()) === 4);

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
  const answer = await get(`${restUrl}/api/v1/clusters`, { authorization: `Bearer ${token}` });
  expect(answer).toContain('eu-1');
});

test.skipIf(kubectlPath === undefined)('a commit still scales after all of that', { timeout: UP_MS }, async () => {
  const work = join(folder.path, 'clone');
  await git('clone', '--quiet', join(folder.path, 'git', 'demo.git'), work);
  const manifest = join(work, 'examples', 'hello', 'application.yaml');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('instances: 4', 'instances: 6'));
  await git('-C', work, 'commit', '--quiet', '--all', '-m', 'Six');
  await git('-C', work, 'push', '--quiet');
  await eventually(BACK_MS, async () => (await instances()) === 6);
  await eventually(BACK_MS, allAnswer);
});
