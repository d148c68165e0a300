import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  LATTICE_ACCOUNT,
  WasmCloudLink,
  WasmCloudProvider,
  type Condition,
  type ContainerProviderObject,
  type ContainerProviderSpec,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { connectLattice, invoke } from '@kasmcloud/lattice';
import { startNats } from '@kasmcloud/testing';
import { HOST_DATA_VARIABLE, wrpcHeader } from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const LONG = 120_000;
const CLUSTER = 'eu-1';
const program = join(import.meta.dirname, '../../../../test/fixtures/providers/echo.mjs');

let world: Supercluster;
let nats: Awaited<ReturnType<typeof startNats>>;
let folder: string;
beforeAll(async () => {
  [nats, folder] = await Promise.all([startNats(), mkdtemp(join(tmpdir(), 'kasm-containers-'))]);
  const settings = { ...STEADY.settings, KASMCLOUD_CONTAINER_NATS_URL: nats.url };
  world = await Supercluster.start({ [CLUSTER]: { region: 'eu', hosts: 1 } }, { ...STEADY, settings });
  await world
    .member(CLUSTER)
    .create(builtin.Namespace, { metadata: { name: LATTICE, labels: { [labels.lattice]: '' } } });
  await world.scheduler();
}, LONG);
afterAll(async () => {
  await world.close();
  await nats.close();
  await rm(folder, { recursive: true });
});

const echo: ContainerProviderSpec = {
  id: 'echo',
  image: 'registry.example.com/acme/echo:1',
  container: { replicas: 2, resources: { limits: { memory: '64Mi' } } },
};
const create = (name: string, spec: ContainerProviderSpec): Promise<ContainerProviderObject> =>
  world
    .member(CLUSTER)
    .create<ContainerProviderObject>(WasmCloudProvider, { metadata: { name, namespace: LATTICE }, spec });
const readyOf = async (name: string): Promise<Condition | undefined> => {
  const { status } = await world.member(CLUSTER).get<ContainerProviderObject>(WasmCloudProvider, name, LATTICE);
  return findCondition(status?.conditions, conditionTypes.ready);
};

type Secret = KubeObject & { readonly data: Readonly<Record<string, string>> };
const toldTo = async (name: string): Promise<string> => {
  const { data } = await world.member(CLUSTER).get<Secret>(builtin.Secret, `${name}-host-data`, LATTICE);
  return Buffer.from(data['host-data'] ?? '', 'base64').toString('utf8');
};
type Deployment = KubeObject<{
  readonly replicas: number;
  readonly template: {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
    readonly spec: object;
  };
}>;
const deployment = (name: string): Promise<Deployment> =>
  world.member(CLUSTER).get<Deployment>(builtin.Deployment, name, LATTICE);

describe('providers in containers', { timeout: LONG }, () => {
  test('become a Deployment whose pods are told what a process of a host is told', async () => {
    const client = world.member(CLUSTER);
    const metadata = { name: 'polite', namespace: LATTICE, labels: { [labels.config]: '' } };
    await client.create(builtin.ConfigMap, { metadata, data: { greeting: 'good morning' } });
    const wit = { witNamespace: 'example', witPackage: 'greet', interfaces: ['greeter'] };
    const link = { source: 'front', target: 'echo', ...wit, targetConfig: ['polite'] };
    await client.create(WasmCloudLink, { metadata: { name: 'front-echo', namespace: LATTICE }, spec: link });
    const provider = await create('echo', echo);

    await eventually('it is deployed', () => deployment('echo'));
    const { metadata: made, spec } = await deployment('echo');
    expect(made.ownerReferences).toMatchObject([
      { kind: 'WasmCloudProvider', uid: provider.metadata.uid, controller: true },
    ]);
    expect(spec.replicas).toBe(2);
    expect(spec.template.spec).toMatchObject({
      automountServiceAccountToken: false,
      containers: [
        {
          image: echo.image,
          resources: { limits: { memory: '64Mi' } },
          env: [{ name: HOST_DATA_VARIABLE, value: '/var/run/kasmcloud/host-data' }],
          securityContext: { runAsNonRoot: true },
        },
      ],
      volumes: [{ secret: { secretName: 'echo-host-data' } }],
    });
    await eventually('it waits for its pods', async () =>
      expect(await readyOf('echo')).toMatchObject({
        status: 'False',
        reason: 'Progressing',
        message: '0 of 2 pods are available',
      }),
    );

    // What a pod would do: start the program with the Secret in a file.
    const file = join(folder, 'host-data');
    await writeFile(file, await toldTo('echo'));
    const pod = spawn(process.execPath, [program], {
      stdio: 'ignore',
      env: { ...process.env, [HOST_DATA_VARIABLE]: file },
    });
    const connection = await connectLattice({ servers: nats.url, name: 'test' });
    const address = { lattice: LATTICE, target: 'echo', instance: 'example:greet/greeter@0.1.0', func: 'greet' };
    const type = { params: [{ name: 'name', type: { kind: 'string' } }], result: { kind: 'string' } } as const;
    const headers = { [wrpcHeader.sourceId]: 'front' };
    await eventually('it answers', async () =>
      expect(await invoke(connection, address, { ...type, params: [...type.params] }, ['Ada'], { headers })).toBe(
        'good morning Ada (calm, no secret)',
      ),
    );
    pod.kill('SIGTERM');
    await connection.close();

    const { generation } = made;
    const status = { observedGeneration: generation, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    await client.patchStatus(builtin.Deployment, { metadata: { name: 'echo', namespace: LATTICE } }, status);
    await eventually('it is ready', async () =>
      expect(await readyOf('echo')).toMatchObject({ status: 'True', reason: 'Running' }),
    );
  });

  test('are rolled when a link changes, and only then', async () => {
    const client = world.member(CLUSTER);
    const before = (await deployment('echo')).spec.template.metadata.annotations;
    const line = await toldTo('echo');
    const patch = { spec: { targetConfig: [] } };
    await client.patch(WasmCloudLink, 'front-echo', LATTICE, patch, { type: 'merge' });
    await eventually('the pods are others', async () =>
      expect((await deployment('echo')).spec.template.metadata.annotations).not.toEqual(before),
    );
    const after = (await deployment('echo')).spec.template.metadata.annotations;
    const told = await toldTo('echo');
    expect(told).not.toBe(line);
    await client.patch(WasmCloudProvider, 'echo', LATTICE, { metadata: { labels: { a: 'b' } } }, { type: 'merge' });
    await create('other', { ...echo, id: 'other' });
    await eventually('another is deployed', () => deployment('other'));
    expect((await deployment('echo')).spec.template.metadata.annotations).toEqual(after);
    expect(await toldTo('echo')).toBe(told);
  });

  test('say what they lack, whose name they have, and what their pods say', async () => {
    const client = world.member(CLUSTER);
    await create('no-config', { ...echo, id: 'no-config', config: ['nowhere'] });
    await create('no-right', { ...echo, id: 'no-right', secrets: ['db'] });
    const matchLabels = { app: 'taken' };
    const template = { metadata: { labels: matchLabels }, spec: { containers: [{ name: 'x', image: 'x' }] } };
    const theirs = { metadata: { name: 'taken', namespace: LATTICE }, spec: { selector: { matchLabels }, template } };
    await client.create(builtin.Deployment, theirs);
    await create('taken', { ...echo, id: 'taken' });
    for (const [name, reason, text] of [
      ['no-config', 'ConfigMissing', 'ConfigMap shop/nowhere'],
      ['no-right', 'SecretRefused', LATTICE_ACCOUNT],
      ['taken', 'NameTaken', 'Deployment shop/taken is not of this Provider'],
    ] as const) {
      await eventually(`${name} is refused`, async () => {
        const ready = await readyOf(name);
        expect(ready).toMatchObject({ status: 'False', reason });
        expect(ready?.message).toContain(text);
      });
    }
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'no image' },
    ];
    const { generation: observedGeneration } = (await deployment('other')).metadata;
    const failed = { observedGeneration, conditions };
    await client.patchStatus(builtin.Deployment, { metadata: { name: 'other', namespace: LATTICE } }, failed);
    await eventually('it is told', async () =>
      expect(await readyOf('other')).toMatchObject({ reason: 'ProgressDeadlineExceeded', message: 'no image' }),
    );
  });

  test('are gone with their Provider', async () => {
    await world.member(CLUSTER).delete(WasmCloudProvider, 'echo', LATTICE);
    await eventually('nothing is left', async () => {
      expect(await world.member(CLUSTER).find(builtin.Deployment, 'echo', LATTICE)).toBeUndefined();
      expect(await world.member(CLUSTER).find(builtin.Secret, 'echo-host-data', LATTICE)).toBeUndefined();
    });
  });

  test('are on a host or in a container, not both and not neither', async () => {
    const both = { ...echo, hostName: 'eu-1-h1' };
    const { container: _, ...neither } = echo;
    for (const spec of [both, neither]) {
      await expect(create('x', spec as ContainerProviderSpec)).rejects.toThrow(/exactly one of hostName and container/);
    }
  });
});
