/** What a host may do on a real API server, by deploy/rbac and deploy/host: all that it needs, and nothing of others. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudHost,
  type ActorObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { ForbiddenError, KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { startApp, startNats } from '@kasmcloud/testing';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { image } from '../../bench/host/lattice.ts';
import { kubectl } from '../../e2e/kubectl.ts';
import { startReal, type RealServer } from './servers/real.ts';

const assets = presentAssets();
const repository = join(import.meta.dirname, '..', '..', '..');
const deploy = (...path: string[]): string => join(repository, 'deploy', ...path);
const LATTICE = 'shop';
/** Admission policies take effect some time after they were made. */
const wait = { timeout: 60_000, interval: 250 };

let server: RealServer;
let admin: KubeClient;
let folder: string;
const clients: KubeClient[] = [];

function clientOf(token: string): KubeClient {
  const client = new KubeClient(loadKubeconfig({ text: server.kubeconfigOf(token) }));
  clients.push(client);
  return client;
}

const pod = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true } as const;
const node = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false } as const;
const account = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
} as const;
const binding = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
} as const;
const event = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true } as const;

/** A token of an account, bound to a pod on a node where one is told, as the kubelet mounts it. */
async function tokenOf(name: string, podName?: string, nodeName?: string): Promise<string> {
  let bound = {};
  if (podName !== undefined) {
    const metadata = { name: podName, namespace: SYSTEM_NAMESPACE };
    const spec = { serviceAccountName: name, nodeName, containers: [{ name: 'host', image: 'kasmcloud/host' }] };
    const { metadata: made } = await admin.create(pod, { metadata, spec });
    bound = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: podName, uid: made.uid } };
  }
  const path = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/serviceaccounts/${name}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: bound };
  const answer = (await admin.raw('POST', path, request)) as { status: { token: string } };
  return answer.status.token;
}

const host = (name: string, more: object = {}): { metadata: { name: string }; spec: object } => ({
  metadata: { name, ...more },
  spec: { lattices: [LATTICE] },
});
const lease = (name: string): { metadata: { name: string; namespace: string }; spec: object } => ({
  metadata: { name, namespace: SYSTEM_NAMESPACE },
  spec: { holderIdentity: name },
});
const actor = (name: string, hostName: string): Parameters<KubeClient['create']>[1] => ({
  metadata: { name, namespace: LATTICE },
  spec: { hostName, id: name, image: image('examples/hello/hello.wasm'), instances: 1 },
});
const broken = { metadata: { name: 'broken', namespace: LATTICE }, spec: { hostName: 'pod-a', id: 'x', instances: 1 } };
const eventOf = (name: string, reportingInstance: string): Parameters<KubeClient['create']>[1] => ({
  metadata: { name, namespace: LATTICE },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'kasmcloud.io/host',
  reportingInstance,
  action: 'Start',
  reason: 'ImagePullFailed',
  type: 'Warning',
  regarding: { apiVersion: 'kasmcloud.io/v1alpha1', kind: 'WasmCloudActor', name: 'mine', namespace: LATTICE },
});
const merge = { type: 'merge' } as const;

describe.skipIf(assets === undefined)('hosts on a real API server', () => {
  let podHost: KubeClient;
  let podToken: string;
  beforeAll(async () => {
    server = await startReal(assets ?? '');
    folder = await mkdtemp(join(tmpdir(), 'kasm-hosts-'));
    admin = clientOf(server.tokens.admin);
    for (const [name, more] of [
      [SYSTEM_NAMESPACE, {}],
      [LATTICE, { labels: { [labels.lattice]: '' } }],
    ] as const)
      await admin.create(builtin.Namespace, { metadata: { name, ...more } });
    const apply = (...args: string[]): Promise<string> => kubectl(server.kubeconfig, ['apply', ...args]);
    await apply('--server-side', '-f', deploy('crds'));
    await apply('-f', deploy('rbac', 'roles.yaml'), '-f', deploy('host', 'admission.yaml'));
    for (const kind of ['deployment', 'daemonset']) await apply('-k', deploy('host', kind));
    const text = (await readFile(deploy('host', 'lattice.yaml'), 'utf8')).replaceAll('my-lattice', LATTICE);
    await kubectl(server.kubeconfig, ['apply', '-f', '-'], text);
    for (const name of ['node-a', 'node-b']) await admin.create(node, { metadata: { name } });
    podToken = await tokenOf('kasmcloud-host', 'pod-a', 'node-a');
    podHost = clientOf(podToken);
    await vi.waitFor(async () => {
      await admin.create(WasmCloudHost, host('other'));
    }, wait);
    await admin.create(WasmCloudActor, actor('mine', 'pod-a'));
    await admin.create(WasmCloudActor, actor('theirs', 'other'));
    await admin.create(builtin.Lease, lease('other'));
    // The policy holds once it refuses.
    await vi.waitFor(async () => {
      const refused = await podHost.create(WasmCloudHost, host('not-mine'), { dryRun: true }).then(
        () => false,
        (error: unknown) => error instanceof ForbiddenError,
      );
      if (!refused) throw new Error('the admission policy is not in effect');
    }, wait);
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('it writes what bears its name', async () => {
    const own = await podHost.create(WasmCloudHost, host('pod-a', { labels: { rack: '7' } }));
    await podHost.patch(WasmCloudHost, 'pod-a', undefined, { metadata: { labels: { rack: '8' } } }, merge);
    await podHost.patchStatus(WasmCloudHost, { metadata: { name: own.metadata.name } }, { version: '1' });
    await podHost.create(builtin.Lease, lease('pod-a'));
    const { items } = await podHost.list<ActorObject>(WasmCloudActor, {
      namespace: LATTICE,
      fieldSelector: 'spec.hostName=pod-a',
    });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['mine']);
    await podHost.patchStatus(WasmCloudActor, { metadata: { name: 'mine', namespace: LATTICE } }, { instances: 1 });
    await podHost.create(event, eventOf('mine.1', 'pod-a'));
    // What the scheduler has said stays, whatever else the host writes.
    const region = {
      metadata: { labels: { [labels.region]: 'eu' } },
      spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
    };
    await admin.patch(WasmCloudHost, 'pod-a', undefined, region, merge);
    await podHost.patch(WasmCloudHost, 'pod-a', undefined, { metadata: { labels: { rack: '9' } } }, merge);
    const after = await admin.get(WasmCloudHost, 'pod-a');
    expect(after.metadata.labels).toEqual({ rack: '9', [labels.region]: 'eu' });
  });

  const patch = (name: string, change: object) => (): Promise<unknown> =>
    podHost.patch(WasmCloudHost, name, undefined, change, merge);
  test.for<readonly [string, () => Promise<unknown>, string]>([
    ['registers another host', () => podHost.create(WasmCloudHost, host('second')), 'named "pod-a"'],
    ["writes another host's object", patch('other', { metadata: { labels: { rack: '1' } } }), 'named "pod-a"'],
    [
      "writes another host's status",
      () => podHost.patchStatus(WasmCloudHost, { metadata: { name: 'other' } }, { version: '2' }),
      'named "pod-a"',
    ],
    ['writes its own taints', patch('pod-a', { spec: { taints: null } }), "the operator's"],
    ['uncordons itself', patch('pod-a', { spec: { unschedulable: true } }), "the operator's"],
    ['gives itself lattices', patch('pod-a', { spec: { lattices: ['*'] } }), "the operator's"],
    ['writes a region label', patch('pod-a', { metadata: { labels: { [labels.region]: 'us' } } }), 'WasmCloudCluster'],
    [
      'takes a region label away',
      patch('pod-a', { metadata: { labels: { [labels.region]: null } } }),
      'WasmCloudCluster',
    ],
    ['writes a label of ours', patch('pod-a', { metadata: { labels: { [labels.cluster]: 'x' } } }), 'WasmCloudCluster'],
    ['writes a finalizer', patch('pod-a', { metadata: { finalizers: ['kasmcloud.io/x'] } }), 'no finalizers'],
    [
      'reports a region',
      () => podHost.patchStatus(WasmCloudHost, { metadata: { name: 'pod-a' } }, { labels: { [labels.region]: 'us' } }),
      'reports no labels',
    ],
    ['takes a Lease', () => podHost.create(builtin.Lease, lease('third')), 'named "pod-a"'],
    [
      "renews another's Lease",
      () => podHost.patch(builtin.Lease, 'other', SYSTEM_NAMESPACE, { spec: { holderIdentity: 'pod-a' } }, merge),
      'named "pod-a"',
    ],
    [
      "tells the status of another host's actor",
      () => podHost.patchStatus(WasmCloudActor, { metadata: { name: 'theirs', namespace: LATTICE } }, { instances: 1 }),
      'runs on another',
    ],
    ['reports events of another', () => podHost.create(event, eventOf('theirs.1', 'other')), 'events of its own'],
    ['starts an actor', () => podHost.create(WasmCloudActor, actor('new', 'pod-a')), 'cannot create'],
    ['removes itself', () => podHost.delete(WasmCloudHost, 'pod-a'), 'cannot delete'],
    ['lists the actors of all lattices', () => podHost.list(WasmCloudActor), 'cannot list'],
    ['reads Secrets of the system', () => podHost.get(builtin.Secret, 'x', SYSTEM_NAMESPACE), 'cannot get'],
    ['lists Secrets', () => podHost.list(builtin.Secret, { namespace: LATTICE }), 'cannot list'],
  ])('it is refused when it %s', async ([, attempt, message]) => {
    const error: unknown = await attempt().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(String(error)).toContain(message);
  });

  test('a host that registers with taints, or with a region, is refused', async () => {
    const fresh = clientOf(await tokenOf('kasmcloud-host', 'pod-b', 'node-a'));
    const taints = [{ key: 'k', effect: 'NoSchedule' }];
    await expect(fresh.create(WasmCloudHost, { metadata: { name: 'pod-b' }, spec: { taints } })).rejects.toThrow(
      'registers without taints',
    );
    const region = { labels: { [labels.region]: 'eu' } };
    await expect(fresh.create(WasmCloudHost, host('pod-b', region))).rejects.toThrow('WasmCloudCluster');
  });

  test('a host of a DaemonSet has the name of its node, one outside that of its account, and one bound to nothing none', async () => {
    const nodeHost = clientOf(await tokenOf('kasmcloud-host-node', 'ds-1', 'node-b'));
    await nodeHost.create(WasmCloudHost, host('node-b'));
    await expect(nodeHost.create(WasmCloudHost, host('ds-1'))).rejects.toThrow('named "node-b"');
    const at = 'kasmcloud-host-at-far.example';
    await admin.create(account, { metadata: { name: at, namespace: SYSTEM_NAMESPACE } });
    await admin.create(binding, {
      metadata: { name: at },
      roleRef: { apiGroup: binding.group, kind: 'ClusterRole', name: 'kasmcloud-host' },
      subjects: [{ kind: 'ServiceAccount', name: at, namespace: SYSTEM_NAMESPACE }],
    });
    const far = clientOf(await tokenOf(at));
    await far.create(WasmCloudHost, host('far.example'));
    await expect(far.create(WasmCloudHost, host('node-b'))).rejects.toThrow('named "far.example"');
    const unbound = clientOf(await tokenOf('kasmcloud-host'));
    await expect(unbound.create(WasmCloudHost, host('any'))).rejects.toThrow('named ""');
  });

  test('a host as a program runs its actor with these rights alone', async () => {
    const nats = await startNats();
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfigOf(podToken), { mode: 0o600 });
    const program = await startApp(join(repository, 'apps', 'host', 'dist', 'main.js'), {
      KASMCLOUD_KUBECONFIG: join(folder, 'kubeconfig'),
      KASMCLOUD_HOST_NAME: 'pod-a',
      KASMCLOUD_LATTICES: LATTICE,
      KASMCLOUD_NATS_URL: nats.url,
      KASMCLOUD_DATA_DIR: join(folder, 'data'),
      KASMCLOUD_ALLOW_FILE: 'true',
    });
    try {
      await vi.waitFor(async () => {
        const { status } = await admin.get<ActorObject>(WasmCloudActor, 'mine', LATTICE);
        expect(findCondition(status?.conditions, conditionTypes.ready)).toMatchObject({ status: 'True' });
        const own = await admin.get<KubeObject<unknown, { actors?: number }>>(WasmCloudHost, 'pod-a');
        expect(own.status?.actors).toBe(1);
      }, wait);
      await admin.create(WasmCloudActor, { ...broken, spec: { ...broken.spec, image: 'ghcr.io/acme/x' } });
      await vi.waitFor(async () => {
        const args = ['-n', LATTICE, 'describe', 'wca', 'broken'];
        const [status = '', events = ''] = (await kubectl(server.kubeconfig, args)).split('Events:');
        expect(status).toContain('ImageRefused');
        expect(events).toMatch(/Warning +ImageRefused .*kasmcloud.io\/host.*name a version or a digest/);
      }, wait);
    } finally {
      await program.stop();
      await nats.close();
    }
  });

  test("the scheduler's role patches the status of a namespace, and not its labels", async () => {
    const name = 'kasmcloud-scheduler';
    await admin.create(account, { metadata: { name, namespace: SYSTEM_NAMESPACE } });
    await admin.create(binding, {
      metadata: { name },
      roleRef: { apiGroup: binding.group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: SYSTEM_NAMESPACE }],
    });
    const scheduler = clientOf(await tokenOf(name));
    const condition = { type: 'WadmPresent', status: 'True', reason: 'Answered', message: 'wadm answers' };
    await scheduler.patchStatus(
      builtin.Namespace,
      { metadata: { name: LATTICE } },
      {
        conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }],
      },
    );
    const read = await admin.get<KubeObject<unknown, { conditions?: object[] }>>(builtin.Namespace, LATTICE);
    expect(read.status?.conditions).toEqual([expect.objectContaining(condition)]);
    await expect(
      scheduler.patch(
        builtin.Namespace,
        LATTICE,
        undefined,
        { metadata: { labels: { [labels.lattice]: null } } },
        merge,
      ),
    ).rejects.toThrow('cannot patch');
  });
});
