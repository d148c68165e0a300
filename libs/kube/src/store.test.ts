import { builtin, type KubeObject } from '@kasmcloud/kube-api';
import { FakeClock, json, startScriptedServer, type Answer, type ScriptedServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import { GoneError } from './errors.ts';
import { Store, withoutManagedFields, type StoreOptions } from './store.ts';

const { Lease } = builtin;
const lease = (name: string, resourceVersion: string, holder = 'x'): object => ({
  metadata: { name, namespace: 'n', resourceVersion, managedFields: [{ manager: 'm' }] },
  spec: { holder },
});
const list = (resourceVersion: string, ...items: object[]): Answer =>
  json(200, { metadata: { resourceVersion }, items });
const unavailable = json(503, { kind: 'Status', code: 503, reason: 'ServiceUnavailable', message: 'starting' });

/** A server that lists as told, and whose watches the test feeds by hand. */
class Cluster {
  listing: Answer = list('10', lease('a', '1'), lease('b', '2'));
  watching: Answer | undefined;
  readonly #open = new Set<Parameters<Answer>[0]>();

  readonly answer: Answer = async (response, request) => {
    if (!request.url.includes('watch=')) return this.listing(response, request);
    if (this.watching !== undefined) return this.watching(response, request);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    this.#open.add(response);
    response.on('close', () => this.#open.delete(response));
  };

  get watches(): number {
    return this.#open.size;
  }

  send(type: string, object: object): void {
    for (const response of this.#open) response.write(`${JSON.stringify({ type, object })}\n`);
  }

  end(): void {
    for (const response of this.#open) response.end();
  }
}

interface Holder {
  readonly name: string;
  readonly holder: unknown;
}

let clock: FakeClock;
let cluster: Cluster;
let server: ScriptedServer;
let client: KubeClient;
let stores: Store<unknown>[];
let errors: unknown[];

beforeEach(async () => {
  clock = new FakeClock();
  cluster = new Cluster();
  server = await startScriptedServer(cluster.answer);
  client = new KubeClient({ server: server.url, credentials: {} }, { timeoutMs: 2_000 });
  stores = [];
  errors = [];
});
afterEach(async () => {
  await Promise.all(stores.map(async (store) => store.close()));
  await client.close();
  await server.close();
});

const keep = ({ metadata, spec }: KubeObject): Holder => {
  const holder: unknown = Reflect.get(Object(spec), 'holder');
  if (holder === 'bad') throw new TypeError('holder is bad');
  return { name: metadata.name, holder };
};
const onError = (error: unknown): void => void errors.push(error);

function open(options: Partial<StoreOptions<Holder>> = {}): Store<Holder> {
  const backoff = { baseMs: 100, maxMs: 1_000, jitter: 0 };
  const store = new Store({ client, kind: Lease, clock, random: () => 0, keep, onError, backoff, ...options });
  stores.push(store);
  return store;
}

const names = (store: Store<Holder>): string[] => store.list().map(({ name }) => name);
const lists = (): string[] => server.requests.filter(({ url }) => !url.includes('watch=')).map(({ url }) => url);
const watched = async (): Promise<void> => expect.poll(() => cluster.watches).toBe(1);

test('the list comes first, then every change, and handlers see each with what was before', async () => {
  const store = open();
  const seen: unknown[] = [];
  store.onChange((key, before, after) => seen.push([key, before?.holder, after?.holder]));
  expect(store.hasSynced).toBe(false);
  await store.synced;
  expect(names(store)).toEqual(['a', 'b']);
  await watched();

  cluster.send('ADDED', lease('c', '11', 'y'));
  cluster.send('MODIFIED', lease('a', '12', 'z'));
  cluster.send('DELETED', lease('b', '13'));
  await expect.poll(() => seen.length).toBe(5);
  expect(seen).toEqual([
    ['n/a', undefined, 'x'],
    ['n/b', undefined, 'x'],
    ['n/c', undefined, 'y'],
    ['n/a', 'x', 'z'],
    ['n/b', 'x', undefined],
  ]);
  expect(store.get('n/a')).toEqual({ name: 'a', holder: 'z' });
  expect(store.get('n/b')).toBeUndefined();
  expect(store.size).toBe(2);

  const late: string[] = [];
  const stop = store.onChange((key) => late.push(key));
  expect(late).toEqual(['n/a', 'n/c']);
  stop();
  cluster.send('DELETED', lease('c', '14'));
  await expect.poll(() => seen.length).toBe(6);
  expect(late).toHaveLength(2);
});

test('indexes follow every change', async () => {
  const store = open();
  const byHolder = store.index(({ holder }) => (typeof holder === 'string' ? [holder] : []));
  await store.synced;
  expect(byHolder.get('x').map(({ name }) => name)).toEqual(['a', 'b']);
  await watched();
  cluster.send('MODIFIED', lease('a', '11', 'y'));
  cluster.send('DELETED', lease('b', '12'));
  await expect.poll(() => byHolder.has('x')).toBe(false);
  expect(byHolder.get('y')).toEqual([{ name: 'a', holder: 'y' }]);
  expect([...byHolder.values()]).toEqual(['y']);
  expect(store.index(() => ['all']).get('all')).toHaveLength(1);
});

describe('a watch that ends', () => {
  test('in peace is resumed from the last version, bookmarks included, without a list', async () => {
    const store = open();
    await store.synced;
    await watched();
    cluster.send('BOOKMARK', { metadata: { name: '', resourceVersion: '77' } });
    cluster.end();
    await expect.poll(() => server.requests.at(-1)?.url).toContain('resourceVersion=77');
    expect(lists()).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test('by a cut is resumed after a moment, contents and reachability kept', async () => {
    const store = open();
    await store.synced;
    await watched();
    cluster.send('ADDED', lease('c', '11'));
    await expect.poll(() => store.size).toBe(3);
    server.cut();
    await expect.poll(() => errors.length).toBe(1);
    expect(store.reachable).toBe(true);
    expect(store.size).toBe(3);
    await clock.advance(100);
    await watched();
    expect(server.requests.at(-1)?.url).toContain('resourceVersion=11');
    expect(lists()).toHaveLength(1);
  });

  test('at once and again and again is not repeated without pause', async () => {
    cluster.watching = (response) => void response.writeHead(200).end();
    const store = open();
    await store.synced;
    await expect.poll(() => clock.pending).toBe(1);
    const before = server.requests.length;
    await clock.advance(99);
    expect(server.requests).toHaveLength(before);
    await clock.advance(1);
    await expect.poll(() => server.requests.length).toBe(before + 1);
    await expect.poll(() => clock.nextIn).toBe(200);
  });

  test('with 410 leads to a new list, which removes what is gone and tells no change twice', async () => {
    const store = open();
    const seen: string[] = [];
    await store.synced;
    store.onChange((key, _before, after) => seen.push(after === undefined ? `-${key}` : `+${key}`));
    await watched();
    cluster.listing = list('50', lease('a', '1'), lease('c', '40'));
    cluster.send('ERROR', { kind: 'Status', metadata: {}, code: 410, reason: 'Expired', message: 'too old' });
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]).toBeInstanceOf(GoneError);
    expect(store.reachable).toBe(true);
    await clock.advance(100);
    await expect.poll(() => seen).toEqual(['+n/a', '+n/b', '+n/c', '-n/b']);
    await watched();
    expect(server.requests.at(-1)?.url).toContain('resourceVersion=50');
  });
});

test('a server whose versions went back, because it lost its data, is listed anew', async () => {
  const store = open();
  await store.synced;
  await watched();
  cluster.listing = list('3', lease('c', '2'));
  cluster.send('BOOKMARK', { metadata: { name: '', resourceVersion: '3' } });
  await expect.poll(() => errors.map(String)).toEqual([expect.stringContaining('went back from 10 to 3')]);
  await clock.advance(100);
  await expect.poll(() => names(store)).toEqual(['c']);
  expect(store.reachable).toBe(true);
});

describe('a server out of reach', () => {
  test('never reads as empty: contents stay, and the store says so', async () => {
    const store = open();
    const told: unknown[] = [];
    store.onReachable((reachable, error) => told.push(reachable ? 'back' : String(error)));
    await store.synced;
    await watched();
    cluster.listing = cluster.watching = unavailable;
    const contact = store.lastContact;
    server.cut();
    await expect.poll(() => errors.length).toBe(1);
    await clock.advance(100);
    await expect.poll(() => store.reachable).toBe(false);
    for (let tries = 3; tries < 8; tries++) {
      await expect.poll(() => clock.pending).toBe(1);
      await clock.advance(1_000);
      await expect.poll(() => errors.length).toBe(tries);
    }
    expect(names(store)).toEqual(['a', 'b']);
    expect(store.hasSynced).toBe(true);
    expect(store.lastContact).toBe(contact);

    cluster.watching = undefined;
    cluster.listing = list('90', lease('b', '2'));
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(1_000);
    await expect.poll(() => store.reachable).toBe(true);
    expect(names(store)).toEqual(['b']);
    expect(told).toEqual(['back', expect.stringContaining('starting'), 'back']);
  });

  test('is tried again at once by a store that is told to hurry', async () => {
    cluster.listing = unavailable;
    const store = open({ backoff: { baseMs: 60_000, maxMs: 60_000, jitter: 0 } });
    await expect.poll(() => errors.length).toBe(1);
    await expect.poll(() => clock.pending).toBe(1);
    cluster.listing = list('10', lease('a', '1'));
    store.hurry();
    await store.synced;
    expect(names(store)).toEqual(['a']);
  });

  test('from the start leaves the store unsynced until a list is complete', async () => {
    cluster.listing = unavailable;
    const store = open({ pageSize: 1 });
    await expect.poll(() => errors.length).toBe(1);
    // The second page fails: what the first one brought is true, but it is not everything.
    cluster.listing = (response, request) =>
      request.url.includes('continue=')
        ? unavailable(response, request)
        : json(200, { metadata: { resourceVersion: '10', continue: 't' }, items: [lease('a', '1')] })(
            response,
            request,
          );
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(1_000);
    await expect.poll(() => errors.length).toBe(2);
    expect(names(store)).toEqual(['a']);
    expect(store.hasSynced).toBe(false);
    expect(store.reachable).toBe(false);
    await store.close();
    await expect(store.synced).rejects.toThrow('closed before its list');
  });
});

test('an unreadable object changes nothing, and a throwing handler harms nobody', async () => {
  const store = open();
  store.onChange(() => {
    throw new Error('handler');
  });
  await store.synced;
  await watched();
  cluster.send('MODIFIED', lease('a', '11', 'bad'));
  cluster.send('MODIFIED', lease('b', '12', 'y'));
  await expect.poll(() => store.get('n/b')?.holder).toBe('y');
  expect(store.get('n/a')?.holder).toBe('x');
  expect(errors.map(String)).toEqual([
    'Error: handler',
    'Error: handler',
    'TypeError: holder is bad',
    'Error: handler',
  ]);
});

test('a store asks for its selection, page by page, and closing it ends everything', async () => {
  const store = open({ namespace: 'n', labelSelector: 'a=b', fieldSelector: 'spec.hostName=h', pageSize: 7 });
  await store.synced;
  await watched();
  const where = 'labelSelector=a%3Db&fieldSelector=spec.hostName%3Dh';
  expect(server.requests.map(({ url }) => url)).toEqual([
    `/apis/coordination.k8s.io/v1/namespaces/n/leases?${where}&limit=7`,
    `/apis/coordination.k8s.io/v1/namespaces/n/leases?watch=true&${where}&resourceVersion=10&allowWatchBookmarks=true&timeoutSeconds=300`,
  ]);
  await store.close();
  await expect.poll(() => cluster.watches).toBe(0);
  expect(clock.pending).toBe(0);
  expect(store.size).toBe(2);
});

test('withoutManagedFields drops only that', () => {
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'a', managedFields: [{}], labels: {} }, spec: 1 };
  expect(withoutManagedFields(object)).toEqual({
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'a', labels: {} },
    spec: 1,
  });
});

test('what was known before counts until the first list, which tells all of its own as changed', async () => {
  cluster.listing = unavailable;
  const store = open();
  const seen: unknown[] = [];
  store.seed([lease('a', '1'), lease('old', '1', 'y')] as KubeObject[]);
  store.onChange((key, before, after) => seen.push([key, before?.holder, after?.holder]));
  expect([store.hasSynced, store.reachable, names(store)]).toEqual([false, false, ['a', 'old']]);
  await expect.poll(() => errors.length).toBe(1);
  cluster.listing = list('10', lease('a', '1'));
  store.hurry();
  await store.synced;
  expect(seen).toEqual([
    ['n/a', undefined, 'x'],
    ['n/old', undefined, 'y'],
    ['n/a', 'x', 'x'],
    ['n/old', 'y', undefined],
  ]);
  store.seed([lease('late', '1')] as KubeObject[]);
  expect(names(store)).toEqual(['a']);
});
