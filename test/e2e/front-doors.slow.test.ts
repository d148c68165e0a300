import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudLink,
  type ActorObject,
  type DistributionObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { expect, test } from 'vitest';
import { eventually, get, Kasm, repositoryRoot, temporaryFolder } from './kasm.ts';
import { drive, type Tally } from './soak/lane.ts';
import { writeVersions } from './soak/versions.ts';

const TEST_MS = 600_000;
const CONVERGE_MS = 120_000;
const LATTICE = 'hello';
const HOSTS = 6;
/** Requests a second at each front door. */
const PER_SECOND = 20;

const hello = pathToFileURL(join(repositoryRoot, 'examples', 'hello', 'hello.wasm')).href;

/** An actor on every host of three clusters, behind an HTTP server on every host. */
async function deploy(hub: KubeClient, image: string): Promise<void> {
  const metadata = { name: 'web', namespace: LATTICE };
  await hub.create(builtin.ConfigMap, {
    metadata: { ...metadata, labels: { [labels.config]: '' } },
    data: { address: '0.0.0.0:8080' },
  });
  await hub.create(WasmCloudLink, {
    metadata,
    spec: {
      source: 'http',
      target: 'web',
      witNamespace: 'wasi',
      witPackage: 'http',
      interfaces: ['incoming-handler'],
      sourceConfig: ['web'],
    },
  });
  const server = { id: 'http', image: 'ghcr.io/wasmcloud/http-server:0.27.0' };
  await hub.create(WasmCloudDistribution, {
    metadata: { name: 'http', namespace: LATTICE },
    spec: { provider: server, mode: 'Daemon' },
  });
  await hub.create(WasmCloudDistribution, {
    metadata,
    spec: {
      actor: { id: 'web', image },
      replicas: HOSTS,
      spread: [{ topologyKey: labels.hostname }],
      rollout: { maxUnavailable: 1 },
    },
  });
}

/** On how many hosts an image runs and is Ready. */
async function running(members: readonly KubeClient[], image: string): Promise<number> {
  const lists = await Promise.all(members.map((one) => one.list<ActorObject>(WasmCloudActor, { namespace: LATTICE })));
  const isDone = ({ spec, status }: ActorObject): boolean =>
    spec.image === image &&
    status?.image === image &&
    findCondition(status.conditions, conditionTypes.ready)?.status === 'True';
  return lists.flatMap(({ items }) => items).filter(isDone).length;
}

test(
  'rolling updates on hosts of three clusters lose no request at the front doors',
  { timeout: TEST_MS },
  async () => {
    await using folder = await temporaryFolder();
    const [first = '', ...later] = await writeVersions(hello, folder.path, 4);
    const kasm = Kasm.up(join(folder.path, 'state'), '--clusters', 'hub,eu-1:eu,us-1:us,ap-1:ap');
    try {
      await kasm.tells('Ctrl-C stops everything.', CONVERGE_MS);
      const { clusters } = await kasm.state();
      const [hub, ...members] = clusters.map(({ kubeconfig }) => new KubeClient(loadKubeconfig({ file: kubeconfig })));
      if (hub === undefined) throw new TypeError('state.json names no cluster');
      await deploy(hub, first);
      await eventually(CONVERGE_MS, async () => (await running(members, first)) === HOSTS);
      const doors = clusters.flatMap(({ frontDoor }) => frontDoor ?? []);
      expect(doors).toHaveLength(3);
      for (const door of doors) await eventually(CONVERGE_MS, async () => (await get(door)).startsWith('hello from'));

      const over = new AbortController();
      const asking = doors.map((door) =>
        drive({ perSecond: PER_SECOND, ask: async () => expect(await get(door)).toMatch(/^hello from/) }, over.signal),
      );
      for (const image of later) {
        const spec = { actor: { image } };
        await hub.patch<DistributionObject>(WasmCloudDistribution, 'web', LATTICE, { spec }, { type: 'merge' });
        await eventually(CONVERGE_MS, async () => (await running(members, image)) === HOSTS);
      }
      over.abort();
      const tallies: Tally[] = await Promise.all(asking);
      expect(tallies.flatMap(({ lost }) => lost)).toEqual([]);
      for (const { answered } of tallies) expect(answered).toBeGreaterThan(PER_SECOND);
      await Promise.all([hub, ...members].map((client) => client.close()));
    } finally {
      await kasm.stop();
    }
  },
);
