import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  labels,
  LATTICE_ACCOUNT,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudLink,
  WasmCloudPlacement,
  type ActorObject,
  type Condition,
  type Kind,
  type KubeObject,
  type LinkObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';
import { carriedSecretName, linkSecretName } from './names.ts';

type Secret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

const PATIENCE = 60_000;
const PASSWORD = Buffer.from('correct horse').toString('base64');
const Role: Kind = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
};

let world: Supercluster;
beforeAll(async () => {
  world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } }, STEADY);
  const carry = { spec: { secrets: 'Carry' } };
  for (const name of ['eu-1', 'us-1'])
    await world.hub.client.patch(WasmCloudCluster, name, undefined, carry, { type: 'merge' });
  await world.scheduler();
}, 60_000);
afterAll(() => world.close());

const hub = (): Supercluster['hub']['client'] => world.hub.client;

const run = (
  name: string,
  secrets: readonly string[],
  namespace = LATTICE,
  secretAccounts: Readonly<Record<string, string>> = {},
): Promise<unknown> =>
  hub().create(WasmCloudDistribution, {
    metadata: { name, namespace },
    spec: {
      actor: { id: name, image: 'file:///app.wasm', secrets, secretAccounts },
      replicas: 1,
      clusters: {
        required: [{ matchExpressions: [{ key: labels.cluster, operator: 'In', values: ['eu-1'] }] }],
      },
    },
  });

const refusal = (distribution: string, reason: string, namespace = LATTICE, text = ''): Promise<void> =>
  eventually(
    `${distribution} is refused`,
    async () => {
      const { items } = await hub().list<PlacementObject>(WasmCloudPlacement, { namespace });
      const own = items.find(({ spec }) => spec.distribution === distribution);
      const message = expect.stringContaining(text) as string;
      const applied = findCondition(own?.status?.conditions, conditionTypes.applied);
      expect(applied).toMatchObject({ status: 'False', reason, message });
    },
    PATIENCE,
  );

const namedBy = (distribution: string, wanted: readonly string[]): Promise<void> =>
  eventually(
    `the actor of ${distribution} names its Secrets`,
    async () => {
      const { items } = await world.member('eu-1').list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
      const own = items.filter(({ metadata }) => metadata.labels?.[labels.distribution] === distribution);
      expect(own.map(({ spec }) => [spec.secrets, spec.secretAccounts ?? {}])).toEqual([[wanted, {}]]);
    },
    PATIENCE,
  );

const secretsIn = async (cluster: string): Promise<Record<string, Secret['data']>> => {
  const { items } = await world.member(cluster).list<Secret>(builtin.Secret, { namespace: LATTICE });
  return Object.fromEntries(items.map(({ metadata, data }) => [metadata.name, data]));
};

const put = (where: Supercluster['hub']['client'], name: string, password: string, marks = {}): Promise<unknown> =>
  where.create(builtin.Secret, { metadata: { name, namespace: LATTICE, labels: marks }, data: { password } });

async function grant(): Promise<void> {
  const rules = [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['db', 'local'], verbs: ['get'] }];
  await hub().create(Role, { metadata: { name: 'secrets', namespace: LATTICE }, rules });
  await hub().create(builtin.RoleBinding, {
    metadata: { name: 'secrets', namespace: LATTICE },
    roleRef: { apiGroup: Role.group, kind: Role.kind, name: 'secrets' },
    subjects: [{ kind: 'ServiceAccount', name: LATTICE_ACCOUNT, namespace: LATTICE }],
  });
}

describe('a Secret', () => {
  const copy = carriedSecretName('shop', 'db');

  test('is carried only where the lattice’s account may get it', { timeout: 120_000 }, async () => {
    await put(hub(), 'db', PASSWORD);
    await run('shop', ['db']);
    await refusal('shop', 'SecretNotCarried');
    expect(await secretsIn('eu-1')).toEqual({});
    await grant();
    await namedBy('shop', [copy]);
    expect(await secretsIn('eu-1')).toEqual({ [copy]: { password: PASSWORD } });
    expect(await secretsIn('us-1')).toEqual({});
  });

  test('follows the one on the hub, and is in nobody’s words', { timeout: 120_000 }, async () => {
    const password = Buffer.from('battery staple').toString('base64');
    await hub().patch(builtin.Secret, 'db', LATTICE, { data: { password } }, { type: 'merge' });
    await eventually(
      'the copy',
      async () => expect(await secretsIn('eu-1')).toEqual({ [copy]: { password } }),
      PATIENCE,
    );
    for (const kind of [WasmCloudDistribution, WasmCloudPlacement, builtin.Event]) {
      const text = JSON.stringify(await hub().list(kind, { namespace: LATTICE }));
      expect(text).not.toContain(password);
      expect(text).not.toContain(PASSWORD);
    }
  });

  test('of the member wins where it is labelled as local', { timeout: 120_000 }, async () => {
    await put(hub(), 'local', PASSWORD);
    const password = Buffer.from('of the member').toString('base64');
    await put(world.member('eu-1'), 'local', password, { [labels.local]: '' });
    await run('own', ['local', 'db']);
    await namedBy('own', ['local', carriedSecretName('own', 'db')]);
    expect((await secretsIn('eu-1'))['local']).toEqual({ password });
  });

  test('is never written over somebody else’s', { timeout: 120_000 }, async () => {
    const name = carriedSecretName('taken', 'db');
    await put(world.member('eu-1'), name, PASSWORD);
    await run('taken', ['db']);
    await refusal('taken', 'NameTaken');
    expect((await secretsIn('eu-1'))[name]).toEqual({ password: PASSWORD });
  });

  test('goes with what needed it', { timeout: 120_000 }, async () => {
    await hub().delete(WasmCloudDistribution, 'shop', LATTICE);
    await eventually('no copy', async () => expect(Object.keys(await secretsIn('eu-1'))).not.toContain(copy), PATIENCE);
    expect(Object.keys(await secretsIn('eu-1'))).toContain(carriedSecretName('own', 'db'));
  });
});

describe('a Secret that a link names', () => {
  const copy = linkSecretName('db');
  const wit = { witNamespace: 'example', witPackage: 'greet', interfaces: ['greeter'] };
  const linked = async (): Promise<LinkObject | undefined> =>
    world.member('eu-1').find<LinkObject>(WasmCloudLink, 'front-back', LATTICE);
  const carriedOf = async (): Promise<Condition | undefined> => {
    const { status } = await hub().get<LinkObject>(WasmCloudLink, 'front-back', LATTICE);
    return findCondition(status?.conditions, conditionTypes.secretsCarried);
  };

  test(
    'is carried as the account that the link says, once that is there and may get it',
    { timeout: 120_000 },
    async () => {
      const spec = { source: 'own', target: 'back', ...wit, sourceSecrets: ['db'], targetSecrets: ['local'] };
      const metadata = { name: 'front-back', namespace: LATTICE };
      await hub().create(WasmCloudLink, { metadata, spec: { ...spec, secretAccounts: { db: 'reader' } } });
      const why = async (text: string): Promise<void> =>
        eventually(
          text,
          async () =>
            expect(await carriedOf()).toMatchObject({
              status: 'False',
              reason: 'SecretNotCarried',
              message: expect.stringContaining(text) as string,
            }),
          PATIENCE,
        );
      await why('ServiceAccount shop/reader does not exist');
      // It connects all the same, and whoever lacks the Secret says so.
      expect((await linked())?.spec.sourceSecrets).toEqual(['db']);
      await hub().create(builtin.ServiceAccount, { metadata: { name: 'reader', namespace: LATTICE } });
      await why('ServiceAccount shop/reader may not get it');
      expect(Object.keys(await secretsIn('eu-1'))).not.toContain(copy);
      await hub().create(builtin.RoleBinding, {
        metadata: { name: 'reader', namespace: LATTICE },
        roleRef: { apiGroup: Role.group, kind: Role.kind, name: 'secrets' },
        subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: LATTICE }],
      });
      await eventually(
        'the link names the copy, and the Secret of the member',
        async () => {
          const { spec: there } = (await linked()) ?? {};
          expect(there).toMatchObject({ sourceSecrets: [copy], targetSecrets: ['local'] });
          expect(there).not.toHaveProperty('secretAccounts');
        },
        PATIENCE,
      );
      const { metadata: made } = await world.member('eu-1').get(builtin.Secret, copy, LATTICE);
      expect(made.labels).toMatchObject({ [labels.carried]: 'Links', [labels.managedBy]: 'kasmcloud' });
      await eventually('it is told', async () => expect(await carriedOf()).toMatchObject({ status: 'True' }), PATIENCE);
    },
  );

  test('goes with the last link that names it', { timeout: 120_000 }, async () => {
    const second = { source: 'own', target: 'other', ...wit, targetSecrets: ['db'] };
    await hub().create(WasmCloudLink, { metadata: { name: 'second', namespace: LATTICE }, spec: second });
    const targetOf = async (): Promise<unknown> =>
      (await world.member('eu-1').find<LinkObject>(WasmCloudLink, 'second', LATTICE))?.spec.targetSecrets;
    await eventually('both share it', async () => expect(await targetOf()).toEqual([copy]), PATIENCE);
    await hub().delete(WasmCloudLink, 'front-back', LATTICE);
    await eventually('one is gone', async () => expect(await linked()).toBeUndefined(), PATIENCE);
    expect(Object.keys(await secretsIn('eu-1'))).toContain(copy);
    await hub().delete(WasmCloudLink, 'second', LATTICE);
    await eventually('no copy', async () => expect(Object.keys(await secretsIn('eu-1'))).not.toContain(copy), PATIENCE);
    expect(Object.keys(await secretsIn('eu-1'))).toContain(carriedSecretName('own', 'db'));
  });
});

describe('a Distribution whose Secret another account is to get', () => {
  test('says which account is not there', { timeout: 120_000 }, async () => {
    await run('misspelt', ['db'], LATTICE, { db: 'raeder' });
    await refusal('misspelt', 'SecretNotCarried', LATTICE, 'ServiceAccount shop/raeder does not exist');
    expect(Object.keys(await secretsIn('eu-1'))).not.toContain(carriedSecretName('misspelt', 'db'));
  });

  test('has the copy without an account: it was reviewed', { timeout: 120_000 }, async () => {
    await run('read', ['db'], LATTICE, { db: 'reader' });
    const own = carriedSecretName('read', 'db');
    await namedBy('read', [own]);
    expect(Object.keys(await secretsIn('eu-1'))).toContain(own);
  });
});

describe('a namespace in a member', () => {
  const lattice = async (name: string): Promise<void> => world.hub.namespace(name, { [labels.lattice]: '' });

  test('is made on demand, and says for which hub', { timeout: 120_000 }, async () => {
    const { metadata } = await hub().get(builtin.Namespace, 'kube-system');
    await lattice('fresh');
    await run('web', [], 'fresh');
    await eventually(
      'it is there',
      async () => {
        const made = await world.member('eu-1').find(builtin.Namespace, 'fresh');
        expect(made?.metadata.annotations?.[annotations.hub]).toBe(metadata.uid);
      },
      PATIENCE,
    );
    await hub().delete(WasmCloudDistribution, 'web', 'fresh');
    await eventually(
      'it is empty',
      async () => {
        expect((await world.member('eu-1').list(WasmCloudActor, { namespace: 'fresh' })).items).toEqual([]);
      },
      PATIENCE,
    );
    expect(await world.member('eu-1').find(builtin.Namespace, 'fresh')).toBeDefined();
  });

  test('that was there before, or is another hub’s, is not used', { timeout: 120_000 }, async () => {
    await world.members.get('eu-1')?.namespace('private');
    const metadata = {
      name: 'foreign',
      labels: { [labels.lattice]: '' },
      annotations: { [annotations.hub]: 'another' },
    };
    await world.member('eu-1').create(builtin.Namespace, { metadata });
    for (const name of ['private', 'foreign']) {
      await lattice(name);
      await run('web', [], name);
      await refusal('web', 'NamespaceNotShared', name);
      expect((await world.member('eu-1').list(WasmCloudActor, { namespace: name })).items).toEqual([]);
    }
  });
});

describe('a ConfigMap', () => {
  test('is where what names it runs, and goes when nothing does', { timeout: 120_000 }, async () => {
    const marks = { [labels.config]: '' };
    await hub().create(builtin.ConfigMap, {
      metadata: { name: 'greeting', namespace: LATTICE, labels: marks },
      data: {},
    });
    await world
      .member('eu-1')
      .create(builtin.ConfigMap, { metadata: { name: 'theirs', namespace: LATTICE, labels: marks } });
    const actor = { id: 'hello', image: 'file:///app.wasm', config: ['greeting'] };
    const required = [{ matchExpressions: [{ key: labels.cluster, operator: 'In', values: ['eu-1'] }] }];
    const spec = { actor, replicas: 1, clusters: { required } };
    await hub().create(WasmCloudDistribution, { metadata: { name: 'hello', namespace: LATTICE }, spec });
    const there = async (cluster: string): Promise<string[]> =>
      (await world.member(cluster).list(builtin.ConfigMap, { namespace: LATTICE })).items.map(
        ({ metadata }) => metadata.name,
      );
    await eventually(
      'it is carried',
      async () => expect(await there('eu-1')).toEqual(['greeting', 'theirs']),
      PATIENCE,
    );
    expect(await there('us-1')).toEqual([]);
    await hub().delete(WasmCloudDistribution, 'hello', LATTICE);
    await eventually('it has gone', async () => expect(await there('eu-1')).toEqual(['theirs']), PATIENCE);
  });
});
