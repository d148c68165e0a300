import { Application, builtin, kinds, toCrd, WasmCloudActor, type KindDefinition } from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig, type Draft } from '@kasmcloud/kube';
import { presentAssets } from '@kasmcloud/tool-kube-assets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startReal, type RealServer } from '../conformance/kube/servers/real.ts';
import { eventually, get, Kasm, temporaryFolder } from './kasm.ts';

const START_MS = 300_000;
const STORY_MS = 600_000;
const UP_MS = 240_000;
const assets = presentAssets();
if (assets === undefined) {
  process.stderr.write('not run: the story on real clusters, which needs the programs of tools/kube-assets\n');
}

const application = {
  apiVersion: 'core.oam.dev/v1beta1',
  kind: 'Application',
  metadata: { name: 'other', annotations: { version: 'v1', description: 'Runs nowhere' } },
  spec: {
    components: [
      {
        name: 'nothing',
        type: 'component',
        properties: { image: 'file:///nothing.wasm' },
        traits: [{ type: 'spreadscaler', properties: { instances: 0 } }],
      },
    ],
  },
};

const own = { fieldManager: 'somebody' } as const;
const definitionOf = (kind: KindDefinition): Draft => toCrd(kind) as unknown as Draft;
const actor = {
  metadata: { name: 'theirs', namespace: 'theirs' },
  spec: { hostName: 'nowhere', id: 'theirs', image: 'file:///theirs.wasm', instances: 1 },
};

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

/** What a controller manager puts into every namespace, at a moment of its own. */
const isDefault = (name: string): boolean =>
  /^(ConfigMap .*\/kube-root-ca\.crt|ServiceAccount .*\/default)$/.test(name);

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
  return found.filter((name) => !isDefault(name)).toSorted();
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

  test('the demo account may use the REST API and the kubeconfig, and not more; Ctrl-C cleans', async () => {
    await using folder = await temporaryFolder();
    const kasm = Kasm.up(folder.path, '--demo', '--clusters', ...servers.map(({ kubeconfig }) => kubeconfig));
    try {
      await kasm.tells('Ctrl-C stops everything.', UP_MS);
      const { restUrl, token = '', kubeconfig } = await kasm.state();
      const authorization = `Bearer ${token}`;
      expect(await get(`${restUrl}/api/v1/clusters`, { authorization })).toContain('"name":"us-1"');
      const put = await fetch(`${restUrl}/api/v1/namespaces/hello/applications/other`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(application),
        signal: AbortSignal.timeout(30_000),
      });
      expect({ status: put.status, text: await put.text() }).toMatchObject({ status: 200 });
      const demo = new KubeClient(loadKubeconfig({ file: kubeconfig }));
      expect((await demo.list(Application)).items.map(({ metadata }) => metadata.name)).toEqual(['hello', 'other']);
      await expect(demo.list(builtin.Secret)).rejects.toThrow('forbidden');
      await demo.close();
    } finally {
      expect({ code: await kasm.stop(), told: kasm.told }).toMatchObject({ code: 0 });
    }
    expect(await Promise.all(clients.map(contents))).toEqual(before);
  });

  test('definitions and objects of somebody else are used and left alone', async () => {
    await using folder = await temporaryFolder();
    for (const client of clients) {
      for (const kind of kinds) await client.apply(builtin.CustomResourceDefinition, definitionOf(kind), own);
      await client.apply(builtin.Namespace, { metadata: { name: 'theirs' } }, own);
      await eventually(UP_MS, async () => (await client.create(WasmCloudActor, actor)).metadata.name === 'theirs');
    }
    const theirs = await Promise.all(clients.map(contents));
    const { ok } = await story(
      folder.path,
      servers.map(({ kubeconfig }) => kubeconfig),
    );
    expect(ok).toBe(true);
    expect(await Promise.all(clients.map(contents))).toEqual(theirs);
    for (const client of clients) {
      expect(await client.get(WasmCloudActor, 'theirs', 'theirs')).toMatchObject({ spec: actor.spec });
    }
  });
});
