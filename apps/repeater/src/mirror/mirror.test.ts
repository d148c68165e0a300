import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  labels,
  WasmCloudLink,
  type Condition,
  type KubeObject,
  type LinkObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { openBucket, type Bucket } from '@kasmcloud/lattice';
import {
  componentKey,
  configBucket,
  decodeConfig,
  decodeProviderLink,
  encodeJson,
  latticeBucket,
  ledgerBucket,
  providerSubject,
  type Link,
  type ProviderLink,
} from '@kasmcloud/wire';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BridgeWorld, grant, LATTICE, LATTICE_RIGHTS } from '../bridge.fixture.ts';

const patiently = { timeout: 20_000, interval: 50 };
const managedBy = 'app.kubernetes.io/managed-by';

let world: BridgeWorld;
let hub: KubeClient;
let links: Bucket;
let configs: Bucket;
const openBuckets = async (): Promise<void> => {
  const deadline = { timeoutMs: 30_000 };
  links = await openBucket(world.tool, latticeBucket(LATTICE), deadline);
  configs = await openBucket(world.tool, configBucket(LATTICE), deadline);
};
beforeAll(async () => {
  world = await BridgeWorld.start();
  hub = world.hub.client;
  await openBuckets();
  await grant(world.hub, LATTICE_RIGHTS);
  await world.repeater('solo');
}, 60_000);
afterAll(async () => world.close());
afterEach(async () => {
  for (const { metadata } of (await hub.list(WasmCloudLink, { namespace: LATTICE })).items)
    await hub.delete(WasmCloudLink, metadata.name, LATTICE);
  for (const { metadata } of (await hub.list(builtin.ConfigMap, { namespace: LATTICE })).items)
    await hub.delete(builtin.ConfigMap, metadata.name, LATTICE);
  await vi.waitUntil(async () => (await linksOf('hello')).length === 0, patiently);
  for (const key of await configs.keys()) await configs.purge(key);
}, 60_000);

const link: Link = {
  source_id: 'hello',
  target: 'kv',
  name: 'default',
  wit_namespace: 'wasi',
  wit_package: 'keyvalue',
  interfaces: ['store'],
  source_config: [],
  target_config: [],
};
const spec = { source: 'hello', target: 'kv', witNamespace: 'wasi', witPackage: 'keyvalue', interfaces: ['store'] };
const linksOf = async (source: string): Promise<Link[]> => {
  const entry = await links.get(componentKey(source));
  return entry?.value === undefined ? [] : JSON.parse(new TextDecoder().decode(entry.value)).links;
};
/** As a host does that handles a `link.put` or `link.del`. */
const writeLinks = async (source: string, all: readonly object[]): Promise<void> =>
  void (await links.put(componentKey(source), encodeJson({ url: 'r:1', links: all })));
const hubLinks = async (): Promise<LinkObject[]> => [
  ...(await hub.list<LinkObject>(WasmCloudLink, { namespace: LATTICE })).items,
];
const createLink = async (name: string, extra: object = {}): Promise<void> =>
  void (await hub.create(WasmCloudLink, { metadata: { name, namespace: LATTICE }, spec: { ...spec, ...extra } }));

type ConfigMap = KubeObject & { readonly data: Record<string, string> };
const configMap = async (name: string): Promise<ConfigMap | undefined> =>
  hub.find<ConfigMap>(builtin.ConfigMap, name, LATTICE);
const createConfig = async (name: string, data: Record<string, string>, said = {}): Promise<void> =>
  void (await hub.create(builtin.ConfigMap, {
    metadata: { name, namespace: LATTICE, labels: { [labels.config]: '' }, ...said },
    data,
  }));
const inBucket = async (name: string): Promise<Record<string, string> | undefined> => {
  const entry = await configs.get(name);
  return entry?.value === undefined ? undefined : decodeConfig(entry.value);
};

describe('links', () => {
  test('of the hub appear in the bucket, follow it, go with it, and cannot be changed there', async () => {
    await createLink('hello-kv');
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([link]);
    await hub.patch(
      WasmCloudLink,
      'hello-kv',
      LATTICE,
      { spec: { interfaces: ['store', 'batch'] } },
      { type: 'merge' },
    );
    await expect.poll(async () => (await linksOf('hello'))[0]?.interfaces, patiently).toEqual(['store', 'batch']);
    await expect
      .poll(async () => findCondition((await hubLinks())[0]?.status?.conditions, 'Ready'), patiently)
      .toMatchObject({ status: 'True', reason: 'InLattice' });
    await writeLinks('hello', [{ ...link, interfaces: ['other'] }]);
    await expect.poll(async () => (await linksOf('hello'))[0]?.interfaces, patiently).toEqual(['store', 'batch']);
    await writeLinks('hello', []);
    await expect.poll(async () => linksOf('hello'), patiently).toHaveLength(1);
    const told: ProviderLink[] = [];
    const subscriptions = ['hello', 'kv'].map((id) =>
      world.tool.subscribe(providerSubject.linkDelete(LATTICE, id), ({ data }) => told.push(decodeProviderLink(data))),
    );
    await world.tool.flush({ timeoutMs: 10_000 });
    await hub.delete(WasmCloudLink, 'hello-kv', LATTICE);
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([]);
    expect(await hubLinks()).toEqual([]);
    // Providers of both ends hear of it.
    await expect.poll(() => told.map(({ target }) => target), patiently).toEqual(['kv', 'kv']);
    for (const one of subscriptions) one.close();
  });

  test('of the lattice appear on the hub and may be changed and deleted on either side', async () => {
    await writeLinks('hello', [{ ...link, future: 'kept' }]);
    await expect
      .poll(hubLinks, patiently)
      .toMatchObject([{ metadata: { labels: { [managedBy]: 'kasmcloud-lattice' } }, spec }]);
    await writeLinks('hello', [{ ...link, interfaces: ['batch'] }]);
    await expect.poll(async () => (await hubLinks())[0]?.spec.interfaces, patiently).toEqual(['batch']);
    const { name = '' } = (await hubLinks())[0]?.metadata ?? {};
    await hub.patch(WasmCloudLink, name, LATTICE, { spec: { interfaces: ['atomics'] } }, { type: 'merge' });
    await expect.poll(async () => (await linksOf('hello'))[0]?.interfaces, patiently).toEqual(['atomics']);
    await writeLinks('hello', []);
    await expect.poll(hubLinks, patiently).toEqual([]);
    await writeLinks('hello', [link]);
    await expect.poll(hubLinks, patiently).toHaveLength(1);
    const again = (await hubLinks())[0]?.metadata.name ?? '';
    await hub.delete(WasmCloudLink, again, LATTICE);
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([]);
    expect(await hubLinks()).toEqual([]);
  });

  test('of one source are settled one by one, and what is no link of it is left alone', async () => {
    const odd = { anything: true };
    await writeLinks('hello', [odd, { ...link, target: 'a.b' }, link]);
    await expect.poll(hubLinks, patiently).toHaveLength(1);
    await createLink('second', { name: 'second' });
    await expect.poll(async () => linksOf('hello'), patiently).toHaveLength(4);
    const [first, unnamed] = await linksOf('hello');
    expect(first).toEqual(odd);
    expect(unnamed).toMatchObject({ target: 'a.b' });
    await writeLinks('hello', []);
    await expect
      .poll(async () => (await hubLinks()).map(({ metadata }) => metadata.name), patiently)
      .toEqual(['second']);
  });

  test('that lead elsewhere than the one of the hub are undone', async () => {
    await createLink('hello-kv');
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([link]);
    await writeLinks('hello', [link, { ...link, target: 'thief' }]);
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([link]);
    expect(await hubLinks()).toHaveLength(1);
  });

  test('that say the same twice count once, and the later one says so', async () => {
    await createLink('first');
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([link]);
    await createLink('later');
    await expect
      .poll(async () => {
        const later = (await hubLinks()).find(({ metadata }) => metadata.name === 'later');
        return findCondition(later?.status?.conditions, 'Ready')?.reason;
      }, patiently)
      .toBe('Duplicate');
    expect(await linksOf('hello')).toEqual([link]);
  });

  test('that came from the lattice give way to who says the same on the hub, and end with that', async () => {
    await writeLinks('hello', [link]);
    await expect.poll(hubLinks, patiently).toHaveLength(1);
    await createLink('own');
    await expect.poll(async () => (await hubLinks()).map(({ metadata }) => metadata.name), patiently).toEqual(['own']);
    expect(await linksOf('hello')).toEqual([link]);
    await hub.delete(WasmCloudLink, 'own', LATTICE);
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([]);
    expect(await hubLinks()).toEqual([]);
  });

  test('name config and secrets as the lattice does', async () => {
    await configs.put('Redis_URL', encodeJson({ URL: 'redis://1' }));
    await writeLinks('hello', [{ ...link, target_config: ['Redis_URL', 'SECRET_db'] }]);
    await expect.poll(async () => (await hubLinks())[0]?.spec.targetConfig, patiently).toHaveLength(1);
    const made = (await hubLinks())[0];
    const mapName = made?.spec.targetConfig?.[0] ?? '';
    await expect
      .poll(async () => configMap(mapName), patiently)
      .toMatchObject({
        data: { URL: 'redis://1' },
        metadata: { annotations: { [annotations.latticeName]: 'Redis_URL' } },
      });
    await hub.patch(
      WasmCloudLink,
      made?.metadata.name ?? '',
      LATTICE,
      { spec: { interfaces: ['batch'] } },
      { type: 'merge' },
    );
    await expect
      .poll(async () => linksOf('hello'), patiently)
      .toEqual([{ ...link, interfaces: ['batch'], target_config: ['Redis_URL', 'SECRET_db'] }]);
  });
});

describe('config', () => {
  test('of the hub is in the bucket, whatever others write there', async () => {
    await createConfig('app-config', { a: '1' });
    await createConfig('named', { b: '1' }, { annotations: { [annotations.latticeName]: 'shop-Named' } });
    await expect.poll(async () => inBucket('app-config'), patiently).toEqual({ a: '1' });
    await expect.poll(async () => inBucket('shop-Named'), patiently).toEqual({ b: '1' });
    await configs.put('app-config', encodeJson({ a: '2' }));
    await expect.poll(async () => inBucket('app-config'), patiently).toEqual({ a: '1' });
    await configs.purge('app-config');
    await expect.poll(async () => inBucket('app-config'), patiently).toEqual({ a: '1' });
    await configs.put('app-config', Uint8Array.of(0xff, 0x00));
    await expect.poll(async () => inBucket('app-config').catch(() => undefined), patiently).toEqual({ a: '1' });
    await hub.delete(builtin.ConfigMap, 'app-config', LATTICE);
    await expect.poll(async () => inBucket('app-config'), patiently).toBeUndefined();
  });

  test('of the lattice is on the hub, under a name that Kubernetes takes', async () => {
    await configs.put('My_Config', encodeJson({ a: '1' }));
    const found = async (): Promise<ConfigMap[]> => {
      const { items } = await hub.list<ConfigMap>(builtin.ConfigMap, { namespace: LATTICE });
      return items.filter(({ metadata }) => metadata.annotations?.[annotations.latticeName] === 'My_Config');
    };
    await expect
      .poll(found, patiently)
      .toMatchObject([{ data: { a: '1' }, metadata: { labels: { [labels.config]: '' } } }]);
    await configs.put('My_Config', encodeJson({ b: '2' }));
    await expect.poll(async () => (await found())[0]?.data, patiently).toEqual({ b: '2' });
    await configs.purge('My_Config');
    await expect.poll(found, patiently).toEqual([]);
  });

  test('of the lattice gives way to what the hub has under its name, and ends with that', async () => {
    await configs.put('my_app-log', encodeJson({ a: '1' }));
    const found = async (): Promise<string[]> => {
      const { items } = await hub.list<ConfigMap>(builtin.ConfigMap, { namespace: LATTICE });
      const same = items.filter(({ metadata }) => metadata.annotations?.[annotations.latticeName] === 'my_app-log');
      return same.map(({ metadata }) => metadata.name);
    };
    await expect.poll(found, patiently).toHaveLength(1);
    await createConfig('my-app-log', { a: '1' }, { annotations: { [annotations.latticeName]: 'my_app-log' } });
    await expect.poll(found, patiently).toEqual(['my-app-log']);
    expect(await inBucket('my_app-log')).toEqual({ a: '1' });
    await hub.delete(builtin.ConfigMap, 'my-app-log', LATTICE);
    await expect.poll(async () => inBucket('my_app-log'), patiently).toBeUndefined();
    expect(await found()).toEqual([]);
  });

  test('never takes a ConfigMap that is not config, nor one of somebody else', async () => {
    const theirs = { metadata: { name: 'theirs', namespace: LATTICE }, data: { mine: 'yes' } };
    await hub.create(builtin.ConfigMap, theirs);
    await configs.put('theirs', encodeJson({ mine: 'no' }));
    await configs.put('after', encodeJson({ a: '1' }));
    await expect.poll(async () => (await configMap('after'))?.data, patiently).toEqual({ a: '1' });
    expect((await configMap('theirs'))?.data).toEqual({ mine: 'yes' });
    expect((await configMap('theirs'))?.metadata.labels).toBeUndefined();
    // It stays in the lattice, where it was put.
    expect(await inBucket('theirs')).toEqual({ mine: 'no' });
  });

  test('that no ConfigMap can hold, or nobody can read, stays where it is; secrets are not looked at', async () => {
    await configs.put('odd', encodeJson({ 'no key of Kubernetes': '1' }));
    await configs.put('garbage', Uint8Array.of(1, 2, 3));
    await configs.put('SECRET_db', encodeJson({ name: 'db', backend: 'vault' }));
    await configs.put('good', encodeJson({ a: '1' }));
    await expect.poll(async () => configMap('good'), patiently).toBeDefined();
    const { items } = await hub.list(builtin.ConfigMap, { namespace: LATTICE });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['good']);
    expect(await inBucket('SECRET_db')).toEqual({ name: 'db', backend: 'vault' });
  });
});

describe('what is lost and comes back', () => {
  const conditionOf = async (): Promise<Condition | undefined> => {
    const namespace = await hub.get<KubeObject<unknown, { conditions?: Condition[] }>>(builtin.Namespace, LATTICE);
    return findCondition(namespace.status?.conditions, conditionTypes.mirrored);
  };

  test('changes of both sides while no repeater was there are settled', async () => {
    await createLink('kept');
    await writeLinks('other', [{ ...link, source_id: 'other' }]);
    await createConfig('app-config', { a: '1' });
    await expect.poll(hubLinks, patiently).toHaveLength(2);
    await expect.poll(async () => linksOf('hello'), patiently).toHaveLength(1);
    await expect.poll(async () => inBucket('app-config'), patiently).toBeDefined();
    // A repeater that ends before it has noted what was agreed on leaves a deletion that nobody can tell from a loss.
    const ledger = await openBucket(world.tool, ledgerBucket(LATTICE), { timeoutMs: 30_000 });
    const noted = ['config.app-config', 'link.hello', 'link.other'];
    await expect.poll(async () => ledger.keys(), patiently).toEqual(expect.arrayContaining(noted));
    await world.stopRepeaters();
    await hub.delete(WasmCloudLink, 'kept', LATTICE);
    await writeLinks('other', []);
    await hub.delete(builtin.ConfigMap, 'app-config', LATTICE);
    await configs.put('new', encodeJson({ n: '1' }));
    await world.repeater('second');
    await expect.poll(hubLinks, patiently).toEqual([]);
    await expect.poll(async () => linksOf('hello'), patiently).toEqual([]);
    await expect.poll(async () => inBucket('app-config'), patiently).toBeUndefined();
    await expect.poll(async () => configMap('new'), patiently).toBeDefined();
  });

  test('NATS that is killed: what changed meanwhile is in the bucket when it is back', async () => {
    await createLink('before');
    await expect.poll(async () => linksOf('hello'), patiently).toHaveLength(1);
    await world.nats.stop('SIGKILL');
    await hub.delete(WasmCloudLink, 'before', LATTICE);
    await createLink('after', { name: 'other' });
    await expect.poll(conditionOf, patiently).toMatchObject({ status: 'False', reason: 'BucketsUnavailable' });
    await world.nats.restart();
    await world.tool.connected({ timeoutMs: 10_000 });
    await expect.poll(async () => (await linksOf('hello')).map(({ name }) => name), patiently).toEqual(['other']);
    await expect.poll(conditionOf, patiently).toMatchObject({ status: 'True' });
  });

  test('buckets that are deleted are made again and filled from the hub; nothing is deleted there', async () => {
    await writeLinks('hello', [link]);
    await configs.put('from-lattice', encodeJson({ a: '1' }));
    await expect.poll(hubLinks, patiently).toHaveLength(1);
    await expect.poll(async () => configMap('from-lattice'), patiently).toBeDefined();
    const manager = await jetstreamManager(world.tool.nats);
    for (const name of [latticeBucket(LATTICE), configBucket(LATTICE)]) await manager.streams.delete(`KV_${name}`);
    await expect
      .poll(
        async () => {
          await openBuckets();
          return [await linksOf('hello'), await inBucket('from-lattice')];
        },
        { timeout: 45_000, interval: 1_000 },
      )
      .toEqual([[link], { a: '1' }]);
    expect(await hubLinks()).toHaveLength(1);
    expect(await configMap('from-lattice')).toBeDefined();
  }, 60_000);
});

test('after writers in haste on both sides both sides say the same', async () => {
  const letters = ['a', 'b', 'c', 'd'];
  const turns = 60;
  for (let turn = 0; turn < turns; turn++) {
    const name = `race-${letters[turn % letters.length]}`;
    const data = { turn: String(turn) };
    if (turn % 3 === 0) await configs.put(name, encodeJson(data));
    else if (turn % 7 === 0) await configs.purge(name);
    else {
      const standing = await configMap(name);
      if (standing === undefined) await createConfig(name, data).catch(() => undefined);
      else await hub.patch(builtin.ConfigMap, name, LATTICE, { data }, { type: 'merge' }).catch(() => undefined);
    }
  }
  await expect
    .poll(async () => {
      const both = await Promise.all(
        letters.map(async (letter) => [
          (await configMap(`race-${letter}`))?.data ?? null,
          (await inBucket(`race-${letter}`)) ?? null,
        ]),
      );
      return both.every(([one, other]) => JSON.stringify(one) === JSON.stringify(other));
    }, patiently)
    .toBe(true);
});
