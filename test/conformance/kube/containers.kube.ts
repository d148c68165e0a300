/** Providers in containers on a real control plane: its own controllers make the pods, and tell how they do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  builtin,
  findCondition,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudProvider,
  type ContainerProviderObject,
  type DistributionObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { startApp, startNats, startRedis, type LaunchedProgram } from '@kasmcloud/testing';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { kubectl } from '../../e2e/kubectl.ts';
import { startReal, type RealServer } from './servers/real.ts';

const assets = presentAssets();
const repository = join(import.meta.dirname, '..', '..', '..');
const deploy = (...path: string[]): string => join(repository, 'deploy', ...path);
const LATTICE = 'shop';
const MEMBER = 'kasmcloud-member';
const wait = { timeout: 90_000, interval: 250 };
const merge = { type: 'merge' } as const;
const pod = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true } as const;

let server: RealServer;
let admin: KubeClient;
let folder: string;
const closing: (() => Promise<unknown>)[] = [];

/** The account of the member's kubeconfig, with the roles of deploy/rbac and nothing else. */
async function memberToken(): Promise<string> {
  const bind = (...args: string[]): Promise<string> =>
    kubectl(server.kubeconfig, ['create', ...args, `--serviceaccount=${SYSTEM_NAMESPACE}:${MEMBER}`]);
  await kubectl(server.kubeconfig, ['-n', SYSTEM_NAMESPACE, 'create', 'serviceaccount', MEMBER]);
  await bind('clusterrolebinding', MEMBER, `--clusterrole=${MEMBER}`);
  await bind('-n', SYSTEM_NAMESPACE, 'rolebinding', MEMBER, `--clusterrole=${MEMBER}-system`);
  await bind('-n', LATTICE, 'rolebinding', MEMBER, `--clusterrole=${MEMBER}-lattice`);
  return (await kubectl(server.kubeconfig, ['-n', SYSTEM_NAMESPACE, 'create', 'token', MEMBER])).trim();
}

async function startScheduler(): Promise<LaunchedProgram> {
  const [nats, redis] = await Promise.all([startNats(), startRedis()]);
  closing.push(
    () => nats.close(),
    () => redis.close(),
  );
  return startApp(join(repository, 'apps', 'scheduler', 'dist', 'main.js'), {
    KASMCLOUD_HUB_KUBECONFIG: server.kubeconfig,
    KASMCLOUD_NATS_URL: nats.url,
    KASMCLOUD_CONTAINER_NATS_URL: 'nats://nats.kasmcloud-system:4222',
    KASMCLOUD_REDIS_URL: redis.url,
    KASMCLOUD_CACHE_DIR: join(folder, 'cache'),
  });
}

const declare = (name: string, container: object): Promise<KubeObject> =>
  admin.create(WasmCloudDistribution, {
    metadata: { name, namespace: LATTICE },
    spec: { provider: { id: name, image: 'registry.example.com/acme/echo:1', container }, replicas: 2 },
  });
const told = (name: string, status: object, ready: string): Promise<void> =>
  vi.waitFor(async () => {
    const seen = await admin.get<DistributionObject>(WasmCloudDistribution, name, LATTICE);
    const { status: is, reason, message } = findCondition(seen.status?.conditions, 'Ready') ?? {};
    expect(seen.status).toMatchObject(status);
    expect(`${is} ${reason}: ${message}`).toContain(ready);
  }, wait);
const owned = async <T extends KubeObject>(
  kind: Parameters<KubeClient['list']>[0],
  selector: string,
): Promise<readonly T[]> => (await admin.list<T>(kind, { namespace: LATTICE, labelSelector: selector })).items;
const providers = (name: string): Promise<readonly ContainerProviderObject[]> =>
  owned(WasmCloudProvider, `${labels.distribution}=${name}`);
const podsOf = async (name: string): Promise<readonly KubeObject<{ containers: { image: string }[] }>[]> =>
  owned(pod, `${labels.provider}=${(await providers(name))[0]?.metadata.name}`);
/** What a kubelet would say of the pods of an image, as soon as there are so many. */
const started = (name: string, count: number, image: string): Promise<void> =>
  vi.waitFor(async () => {
    const seen = (await podsOf(name)).filter(({ spec }) => spec.containers[0]?.image === image);
    const condition = { type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() };
    for (const { metadata } of seen)
      await admin.patchStatus(
        pod,
        { metadata: { name: metadata.name, namespace: LATTICE } },
        { phase: 'Running', conditions: [condition] },
      );
    expect(seen).toHaveLength(count);
  }, wait);

/** Whether the member's account may. */
const may = async (...args: string[]): Promise<string> => {
  const as = `--as=system:serviceaccount:${SYSTEM_NAMESPACE}:${MEMBER}`;
  return (await kubectl(server.kubeconfig, ['auth', 'can-i', ...args, as]).catch(() => 'no')).trim();
};

describe.skipIf(assets === undefined)('providers in containers on a real control plane', () => {
  beforeAll(async () => {
    server = await startReal(assets ?? '', { deployments: true });
    closing.push(() => server.close());
    folder = await mkdtemp(join(tmpdir(), 'kasm-containers-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    admin = new KubeClient(loadKubeconfig({ file: server.kubeconfig }));
    closing.push(() => admin.close());
    for (const [name, more] of [
      [SYSTEM_NAMESPACE, {}],
      [LATTICE, { labels: { [labels.lattice]: '', 'pod-security.kubernetes.io/enforce': 'restricted' } }],
    ] as const)
      await admin.create(builtin.Namespace, { metadata: { name, ...more } });
    await kubectl(server.kubeconfig, ['apply', '--server-side', '-f', deploy('crds')]);
    await kubectl(server.kubeconfig, ['apply', '-f', deploy('rbac', 'roles.yaml')]);
    const data = { kubeconfig: Buffer.from(server.kubeconfigOf(await memberToken())).toString('base64') };
    await admin.create(builtin.Secret, { metadata: { name: 'eu-1', namespace: SYSTEM_NAMESPACE }, data });
    await vi.waitFor(async () => {
      const spec = { region: 'eu', kubeconfigSecret: { name: 'eu-1' } };
      await admin.create(WasmCloudCluster, { metadata: { name: 'eu-1' }, spec });
    }, wait);
    const scheduler = await startScheduler();
    closing.push(() => scheduler.stop());
  });
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });

  test('a Distribution becomes pods, is Ready when they are, and takes all away', async () => {
    const first = 'registry.example.com/acme/echo:1';
    const next = 'registry.example.com/acme/echo:2';
    await declare('echo', { resources: { limits: { memory: '64Mi' } } });
    await told('echo', { replicas: 2, readyReplicas: 0 }, 'False Progressing: 0 of 2 replicas are ready; eu-1/pods');
    await started('echo', 2, first);
    await told('echo', { readyReplicas: 2, updatedReplicas: 2, where: 'eu-1:2' }, 'True Available');

    const scaling = ['-n', LATTICE, 'scale', 'wcd', 'echo', '--replicas=3'];
    await kubectl(server.kubeconfig, scaling);
    await started('echo', 3, first);
    await told('echo', { replicas: 3, readyReplicas: 3 }, 'True Available');

    await admin.patch(WasmCloudDistribution, 'echo', LATTICE, { spec: { provider: { image: next } } }, merge);
    await vi.waitFor(async () => {
      // Kubernetes rolls them: one more than there shall be at a time.
      await started('echo', 3, next);
    }, wait);
    await told('echo', { readyReplicas: 3, updatedReplicas: 3 }, 'True Available');

    await admin.delete(WasmCloudDistribution, 'echo', LATTICE);
    await vi.waitFor(async () => {
      expect(await providers('echo')).toEqual([]);
      for (const kind of [builtin.Deployment, pod]) expect(await owned(kind, labels.provider)).toEqual([]);
      expect(await admin.list(builtin.Secret, { namespace: LATTICE })).toMatchObject({ items: [] });
    }, wait);
  });

  test('what the API server refuses is told, and what is out of room too', async () => {
    await declare('greedy', { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } });
    await told('greedy', { readyReplicas: 0 }, 'WriteInvalid: ');
    const quota = {
      group: '',
      version: 'v1',
      kind: 'ResourceQuota',
      plural: 'resourcequotas',
      namespaced: true,
    } as const;
    const few = { metadata: { name: 'few', namespace: LATTICE } };
    await admin.create(quota, { ...few, spec: { hard: { pods: '0' } } });
    // Its own controller does not run here.
    await admin.patchStatus(quota, few, { hard: { pods: '0' }, used: { pods: '0' } });
    // It takes effect some time after it was made.
    const securityContext = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    };
    const container = { name: 'x', image: 'x', securityContext };
    const attempt = { metadata: { name: 'x', namespace: LATTICE }, spec: { containers: [container] } };
    await vi.waitFor(() => expect(admin.create(pod, attempt, { dryRun: true })).rejects.toThrow(/quota/), wait);
    await declare('many', {});
    await vi.waitFor(async () => {
      const [provider] = await providers('many');
      expect(findCondition(provider?.status?.conditions, 'Ready')).toMatchObject({ reason: 'FailedCreate' });
    }, wait);
  });

  test('the account of the member makes Deployments in lattices, and nothing of others', async () => {
    const asked = [
      ['create', 'deployments.apps', '-n', LATTICE],
      ['patch', 'deployments.apps', '-n', LATTICE],
      ['delete', 'deployments.apps', '-n', LATTICE],
      ['create', 'deployments.apps', '-n', SYSTEM_NAMESPACE],
      ['create', 'pods', '-n', LATTICE],
      ['get', 'secrets', '-n', SYSTEM_NAMESPACE],
    ];
    expect(await Promise.all(asked.map((args) => may(...args)))).toEqual(['yes', 'yes', 'no', 'no', 'no', 'no']);
  });
});
