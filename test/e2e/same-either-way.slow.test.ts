import { SimulatedLegacyHost } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { APPLICATION, applicationLife, settled, wordsOfWash, type Step } from '../interop/application-life.ts';
import { hostsOf } from '../interop/legacy-host.ts';
import { peers } from '../interop/peers.ts';
import { Onlooker, type Sight } from '../interop/sight.ts';
import { byKubectl, byWadm, byWash } from '../interop/ways.ts';
import { InteropWorld, lattices, type LatticeName } from '../interop/world.ts';
import { eventually, temporaryFolder } from './kasm.ts';
import { kubectlPath } from './kubectl.ts';

const UP_MS = 300_000;
const TEST_MS = 900_000;
const READY_MS = 120_000;
const SAME_MS = 90_000;
const AGAIN_MS = 200;
const { wash, host } = peers;

/** What one way has come to, and every other must. */
interface Expected {
  readonly step: Step;
  readonly sight: Omit<Sight, 'versions'>;
  /** What wash prints of it; empty where there is none. */
  readonly words: string;
}

/** How many hosts each lattice has; only here those of wasmCloud are two, when they are not real. */
const hostCount: Record<LatticeName, number> = { native: 1, legacy: host === undefined ? 2 : 1, mixed: 2 };
const simulated: readonly (readonly [LatticeName, id: string])[] = [
  ['legacy', 'A'],
  ['legacy', 'B'],
  ['mixed', 'C'],
];

describe.skipIf(kubectlPath === undefined)('an application by kubectl is what it is by wash', () => {
  let world: InteropWorld;
  const legacy: SimulatedLegacyHost[] = [];
  beforeAll(async () => {
    world = await InteropWorld.start({ wash: wash ?? '', host });
    if (host !== undefined) return;
    for (const [name, letter] of simulated) {
      const options = { id: `N${letter.repeat(55)}`, lattice: lattices[name] };
      legacy.push(await SimulatedLegacyHost.start(world.state.natsUrl, options));
    }
  }, UP_MS);
  afterAll(async () => {
    for (const one of legacy) await one.kill();
    await world.close();
  }, UP_MS);

  // No host is in two of the lattices: they do not disturb each other.
  test.concurrent.for(['native', 'legacy', 'mixed'] as const)(
    'in the %s lattice, after each step of its life',
    { timeout: TEST_MS },
    async (name, { expect }) => {
      const lattice = lattices[name];
      const { state, connection } = world;
      await using folder = await temporaryFolder();
      await using onlooker = new Onlooker(state, connection, lattice, APPLICATION);
      await eventually(READY_MS, async () => (await hostsOf(connection, lattice)).length === hostCount[name]);
      const steps = await applicationLife();
      const shell = wash === undefined ? undefined : world.washIn(name);
      const words = async (seen: Pick<Sight, 'versions'>): Promise<string> =>
        shell === undefined ? '' : wordsOfWash(shell, seen);

      const expected: Expected[] = [];
      for (const step of steps) {
        await step.take(byWadm(connection, lattice));
        const { versions, ...sight } = await settled(onlooker, step, hostCount[name]);
        expect(versions).toEqual(step.versions);
        expected.push({ step, sight, words: await words({ versions }) });
      }
      const others = [
        ...(shell === undefined ? [] : [byWash(shell, folder.path)]),
        byKubectl(state.kubeconfig, lattice),
      ];
      for (const way of others) {
        for (const { step, sight, words: said } of expected) {
          await step.take(way);
          const versions = step.versions.filter((one) => way.keepsVersions || one.endsWith('*'));
          const message = `${way.name}: ${step.what}`;
          const poll = { timeout: SAME_MS, interval: AGAIN_MS, message };
          await expect.poll(async () => onlooker.look(), poll).toEqual({ ...sight, versions });
          expect(await words({ versions }), message).toBe(said);
        }
      }
    },
  );
});
