import { builtin } from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startReal, type RealServer } from '../conformance/kube/servers/real.ts';
import { Kasm, temporaryFolder } from './kasm.ts';

const START_MS = 300_000;
const STORY_MS = 600_000;
const assets = presentAssets();

const summary = z.object({
  steps: z.array(z.object({ name: z.string(), ok: z.boolean(), ms: z.number() })),
  ok: z.boolean(),
});

/** Runs the whole story; says what was missing when a step did not hold. */
async function story(folder: string, clusters: readonly string[]): Promise<z.infer<typeof summary>> {
  const kasm = Kasm.up(folder, '--demo', '--once', '--json', '--clusters', ...clusters);
  const code = await kasm.exit;
  const line = kasm.stdout.trim();
  if (code !== 0 || line === '') throw new Error(`kasm up ended with ${code}:\n${kasm.told}`);
  return summary.parse(JSON.parse(line));
}

/** Every name of what is in a cluster, of the kinds that `kasm up` makes. */
async function contents(client: KubeClient): Promise<string[]> {
  const everywhere = [
    builtin.Namespace,
    builtin.CustomResourceDefinition,
    builtin.ClusterRole,
    builtin.ClusterRoleBinding,
    builtin.RoleBinding,
    builtin.ServiceAccount,
    builtin.Secret,
    builtin.ConfigMap,
    builtin.Event,
  ];
  const found: string[] = [];
  for (const kind of everywhere) {
    const { items } = await client.list(kind);
    found.push(...items.map(({ metadata }) => `${kind.kind} ${metadata.namespace ?? ''}/${metadata.name}`));
  }
  return found.toSorted();
}

describe.skipIf(assets === undefined).each([
  { with: 'a controller manager', count: 3, controllers: true },
  { with: 'nothing but kube-apiserver and etcd', count: 2, controllers: false },
])('$count real clusters with $with', { timeout: STORY_MS }, ({ count, controllers }) => {
  const servers: RealServer[] = [];
  const clients: KubeClient[] = [];
  let before: string[][] = [];
  beforeAll(async () => {
    for (let index = 0; index < count; index++) {
      const server = await startReal(assets ?? '', { controllers });
      servers.push(server);
      clients.push(new KubeClient(loadKubeconfig({ file: server.kubeconfig })));
    }
    before = await Promise.all(clients.map(contents));
  }, START_MS);
  afterAll(async () => {
    await Promise.all(clients.map(async (client) => client.close()));
    await Promise.all(servers.map(async (server) => server.close()));
  }, START_MS);

  test('the whole story holds twice, and leaves the clusters as they were', async () => {
    await using folder = await temporaryFolder();
    const kubeconfigs = servers.map(({ kubeconfig }) => kubeconfig);
    for (const _ of ['first', 'second']) {
      const { steps, ok } = await story(folder.path, kubeconfigs);
      expect({ ok, failed: steps.filter((step) => !step.ok) }).toEqual({ ok: true, failed: [] });
      expect(await Promise.all(clients.map(contents))).toEqual(before);
    }
  });
});
