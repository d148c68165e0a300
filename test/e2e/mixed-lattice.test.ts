import { SimulatedLegacyHost } from '@kasmcloud/testing';
import { controlSubject, decodePingReply } from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peers } from '../interop/peers.ts';
import { InteropWorld, lattices } from '../interop/world.ts';
import { eventually } from './kasm.ts';
import { kubectl, kubectlPath } from './kubectl.ts';

const TEST_MS = 300_000;
const WITHIN_MS = 120_000;
const lattice = lattices.mixed;
const LEGACY = `N${'M'.repeat(55)}`;
const wash = peers.wash ?? '';

interface HostObject {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly hostId?: string };
}

describe.skipIf(kubectlPath === undefined)(
  'one lattice over two members, with a KasmCloud host in each and a legacy host',
  () => {
    let world: InteropWorld;
    let legacy: SimulatedLegacyHost;
    beforeAll(async () => {
      world = await InteropWorld.start({ wash, host: undefined });
      legacy = await SimulatedLegacyHost.start(world.state.natsUrl, { id: LEGACY, lattice });
      const eu = world.state.clusters.find(({ name }) => name === 'eu-1')?.kubeconfig ?? '';
      const patch = JSON.stringify({ spec: { lattices: [lattice] } });
      await kubectl(eu, ['patch', 'wch', 'eu-1-host-1', '--type=merge', '-p', patch]);
    }, TEST_MS);
    afterAll(async () => {
      await legacy.kill();
      await world.close();
    }, TEST_MS);

    /** Over all members. */
    async function hosts(): Promise<HostObject[]> {
      const args = ['get', 'wch', '-o', 'json'];
      const asked = world.state.clusters.map(async ({ kubeconfig }) => kubectl(kubeconfig, args));
      return (await Promise.all(asked)).flatMap((text) => (JSON.parse(text) as { items: HostObject[] }).items);
    }

    test('the legacy host is one WasmCloudHost in all, and each host answers once', { timeout: TEST_MS }, async () => {
      const ping = async (): Promise<string[]> => {
        const subject = controlSubject.hostPing(lattice);
        const answers = await world.connection.scatter(subject, new Uint8Array(0), { waitMs: 1_000 });
        return answers.map(({ data }) => decodePingReply(data).response?.id ?? '');
      };
      await eventually(WITHIN_MS, async () => (await ping()).length >= 3);
      for (let asked = 0; asked < 5; asked++) {
        const ids = await ping();
        expect(ids).toHaveLength(3);
        expect(new Set(ids).size).toBe(3);
        expect(ids).toContain(LEGACY);
      }
      await eventually(WITHIN_MS, async () => (await hosts()).some(isLegacy));
      const all = await hosts();
      expect(all.filter(isLegacy).map(({ metadata }) => metadata.name)).toEqual([LEGACY.toLowerCase()]);
      expect(new Set(all.map(({ metadata }) => metadata.name)).size).toBe(all.length);
    });

    test.skipIf(wash === '')('wash get hosts shows each host once', { timeout: TEST_MS }, async () => {
      let ids: string[] = [];
      await eventually(WITHIN_MS, async () => {
        const { text } = await world.washIn('mixed').run(['get', 'hosts']);
        ids = [...text.matchAll(/\bN[A-Z2-7]{55}\b/g)].map(([id]) => id);
        return ids.length >= 3;
      });
      expect(ids).toHaveLength(3);
      expect(new Set(ids).size).toBe(3);
    });
  },
);

const isLegacy = ({ status }: HostObject): boolean => status?.hostId === LEGACY;
