import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DemoClone } from './demo-clone.ts';
import { childrenOf, eventually, get, Kasm, temporaryFolder } from './kasm.ts';
import { Supercluster, totalOf } from './supercluster.ts';

const TEST_MS = 600_000;
const UP_MS = 120_000;
const CONVERGE_MS = 90_000;
const ROUNDS = 12;
const MOST_MS_BETWEEN = 1_500;

/** Whole numbers below a bound, the same ones for the same seed. */
function numbers(seed: number): (below: number) => number {
  let drawn = 0;
  return (below) => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE() % below;
}

test.each([1, 2])(
  'processes killed at any moment while commits come in: the last commit holds (seed %i)',
  { timeout: TEST_MS },
  async (seed) => {
    const below = numbers(seed);
    await using folder = await temporaryFolder();
    const kasm = Kasm.up(folder.path, '--demo');
    try {
      await kasm.tells('Ctrl-C stops everything.', UP_MS);
      const clone = await DemoClone.of(folder.path);
      let instances = 4;
      for (let round = 0; round < ROUNDS; round++) {
        instances = 1 + below(12);
        await clone.scale(instances);
        await sleep(below(MOST_MS_BETWEEN));
        const alive = (await kasm.state()).processes.filter(({ pid }) => pid !== undefined);
        const victim = alive[below(alive.length)];
        if (victim?.pid !== undefined) process.kill(victim.pid, 'SIGKILL');
      }

      const state = await kasm.state();
      const supercluster = new Supercluster(state);
      await using _close = { [Symbol.asyncDispose]: async () => supercluster.close() };
      await eventually(CONVERGE_MS, async () => {
        const [placed, running] = await Promise.all([supercluster.placed(), supercluster.running()]);
        expect(running).toEqual(placed);
        return totalOf(running) === instances;
      });
      for (const { frontDoor } of state.clusters) {
        if (frontDoor !== undefined)
          await eventually(CONVERGE_MS, async () => (await get(frontDoor)).includes('hello'));
      }
      // Our own processes and the warden, nothing else; one of them may just be starting again.
      await eventually(CONVERGE_MS, async () => {
        const { pid, processes } = await kasm.state();
        return (await childrenOf(pid)).length === processes.length + 1;
      });
    } finally {
      await kasm.stop();
    }
  },
);
