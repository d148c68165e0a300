import { builtin, WasmCloudActor, WasmCloudHost, type ActorObject, type KubeObject } from '@kasmcloud/kube-api';
import { systemClock } from '@kasmcloud/reconcile';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import {
  AlreadyExistsError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  KubeError,
  NotFoundError,
  UnreachableError,
} from './errors.ts';
import { EventRecorder } from './event-recorder.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { runLeaderElection, type Leadership } from './leader-election.ts';
import { renewLease } from './lease-renewer.ts';
import type { Lease } from './lease.ts';
import { updateStatus } from './status.ts';
import { Store, withoutManagedFields } from './store.ts';

const { ConfigMap, Lease: LeaseKind, SubjectAccessReview, TokenReview } = builtin;

let server: TestApiServer;
let client: KubeClient;
let count = 0;
beforeAll(async () => {
  server = await startTestApiServer({ crds: [WasmCloudActor, WasmCloudHost] });
  ({ client } = server);
  await server.namespace('n');
});
afterAll(async () => server.close());

const fresh = (): string => `t${++count}`;
const config = (
  name: string,
  data: Record<string, string>,
): { metadata: { name: string; namespace: string }; data: object } => ({
  metadata: { name, namespace: 'n' },
  data,
});
const dataOf = async (name: string): Promise<unknown> => Reflect.get(await client.get(ConfigMap, name, 'n'), 'data');

describe('a client against an API server', () => {
  test('creates, reads, replaces, patches and deletes', async () => {
    const name = fresh();
    const created = await client.create(ConfigMap, config(name, { a: '1' }));
    await expect(client.create(ConfigMap, config(name, {}))).rejects.toThrow(AlreadyExistsError);
    await client.replace(ConfigMap, { ...config(name, { a: '2' }), metadata: created.metadata });
    await expect(client.replace(ConfigMap, { ...config(name, {}), metadata: created.metadata })).rejects.toThrow(
      ConflictError,
    );
    await client.patch(ConfigMap, name, 'n', { data: { b: '3' } }, { type: 'merge' });
    await client.patch(ConfigMap, name, 'n', [{ op: 'remove', path: '/data/a' }], { type: 'json' });
    expect(await dataOf(name)).toEqual({ b: '3' });
    await client.create(ConfigMap, config(`${name}-dry`, {}), { dryRun: true });
    expect(await client.find(ConfigMap, `${name}-dry`, 'n')).toBeUndefined();

    await expect(client.delete(ConfigMap, name, 'n', { uid: 'another' })).rejects.toThrow(ConflictError);
    await expect(client.delete(ConfigMap, name, 'n', { resourceVersion: '1' })).rejects.toThrow(ConflictError);
    expect(await client.delete(ConfigMap, name, 'n', { uid: created.metadata.uid })).toBe(true);
    expect(await client.delete(ConfigMap, name, 'n')).toBe(false);
    await expect(client.get(ConfigMap, name, 'n')).rejects.toThrow(NotFoundError);
  });

  test('applies, and is told the field and the manager of a conflict', async () => {
    const name = fresh();
    await client.apply(ConfigMap, config(name, { a: '1', b: '1' }), { fieldManager: 'one' });
    const conflict = client.apply(ConfigMap, config(name, { a: '2' }), { fieldManager: 'two' });
    await expect(conflict).rejects.toThrow(ConflictError);
    await expect(conflict).rejects.toMatchObject({
      causes: [{ reason: 'FieldManagerConflict', field: '.data.a', message: expect.stringContaining('one') }],
    });
    await client.apply(ConfigMap, config(name, { a: '2' }), { fieldManager: 'two', force: true });
    const applied = await client.apply(ConfigMap, config(name, { a: '2' }), { fieldManager: 'two' });
    await client.apply(ConfigMap, { ...applied, data: { a: '2' } }, { fieldManager: 'two' });
    await client.apply(ConfigMap, config(name, {}), { fieldManager: 'one' });
    expect(await dataOf(name)).toEqual({ a: '2' });
  });

  test('is told which field of an object is wrong', async () => {
    const actor = { metadata: { name: fresh(), namespace: 'n' }, spec: { hostName: 'h', image: 7 } };
    const refused = client.create(WasmCloudActor, actor);
    await expect(refused).rejects.toThrow(InvalidError);
    await expect(refused).rejects.toMatchObject({
      causes: expect.arrayContaining([expect.objectContaining({ field: 'spec.image' })]),
    });
  });

  test('reads long lists page by page, and only what it selects', async () => {
    const label = fresh();
    const names = Array.from({ length: 7 }, () => fresh());
    for (const name of names) {
      await client.create(ConfigMap, { metadata: { name, namespace: 'n', labels: { label } } });
    }
    const { items, resourceVersion } = await client.list(ConfigMap, { labelSelector: `label=${label}`, limit: 3 });
    expect(items.map((item) => item.metadata.name)).toEqual(names.toSorted());
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(Number(resourceVersion)).toBeGreaterThan(0);
  });

  test('acts as another, and rights decide', async () => {
    const jane = client.as({ user: 'jane', groups: ['dev', 'ops'] });
    await expect(jane.list(ConfigMap, { namespace: 'n' })).rejects.toThrow(ForbiddenError);
    const review = await client.create<KubeObject<unknown, { allowed: boolean }>>(SubjectAccessReview, {
      metadata: {},
      spec: { user: 'jane', resourceAttributes: { namespace: 'n', verb: 'list', resource: 'configmaps' } },
    });
    expect(review.status?.allowed).toBe(false);
    const mighty = client.as({ user: 'jane', groups: ['dev', 'system:masters'] });
    expect((await mighty.list(ConfigMap, { namespace: 'n' })).items).toBeInstanceOf(Array);
  });

  test('reviews a token and asks for the version', async () => {
    const review = await client.create<KubeObject<unknown, { authenticated: boolean }>>(TokenReview, {
      metadata: {},
      spec: { token: server.adminToken },
    });
    expect(review.status?.authenticated).toBe(true);
    expect(await client.raw('GET', '/version')).toHaveProperty('gitVersion');
    expect(await client.raw('GET', '/readyz')).toContain('ok');
  });

  test('trusts only the authority of the kubeconfig, and needs a good token', async () => {
    const text = server.kubeconfig();
    const strange = new KubeClient({ server: server.url, credentials: { token: server.adminToken } });
    await expect(strange.raw('GET', '/version')).rejects.toThrow(UnreachableError);
    const nobody = new KubeClient({ ...loadKubeconfig({ text, untrusted: true }), credentials: { token: 'wrong' } });
    await expect(nobody.list(ConfigMap)).rejects.toMatchObject({ status: 401, name: KubeError.name });
    await Promise.all([strange.close(), nobody.close()]);
  });
});

const time = { clock: systemClock, random: Math.random };
const configMaps = { ...time, kind: ConfigMap, keep: withoutManagedFields };

function openStore(namespace?: string): { store: Store<KubeObject>; errors: unknown[] } {
  const errors: unknown[] = [];
  const store = new Store<KubeObject>({
    ...configMaps,
    client,
    namespace,
    onError: (error) => errors.push(error),
  });
  return { store, errors };
}

describe('a store against an API server', () => {
  test('follows every write, in any number, without an error', async () => {
    await server.namespace('stored');
    const { store, errors } = openStore('stored');
    await store.synced;
    const names = Array.from({ length: 50 }, () => fresh());
    await Promise.all(
      names.map(async (name, n) => {
        await client.create(ConfigMap, { metadata: { name, namespace: 'stored' } });
        if (n % 2 === 0) await client.delete(ConfigMap, name, 'stored');
      }),
    );
    const left = names.filter((_name, n) => n % 2 === 1).map((name) => `stored/${name}`);
    await expect.poll(() => [...store.keys()].toSorted()).toEqual(left.toSorted());
    expect(store.get(left[0] ?? '')?.metadata.managedFields).toBeUndefined();
    expect(errors).toEqual([]);
    await store.close();
  });

  test('keeps its contents while the server is away, and lists anew when it forgot', async () => {
    const first = await startTestApiServer({ crds: [] });
    const name = fresh();
    await first.client.create(ConfigMap, { metadata: { name, namespace: 'default' } });
    const text = first.kubeconfig();
    const ours = new KubeClient({ ...loadKubeconfig({ text }), skipTlsVerify: true }, { timeoutMs: 1_000 });
    const store = new Store<KubeObject>({
      ...configMaps,
      client: ours,
      onError: () => undefined,
    });
    await store.synced;
    expect(store.get(`default/${name}`)).toBeDefined();
    await first.close();
    await expect.poll(() => store.reachable).toBe(false);
    expect(store.get(`default/${name}`)).toBeDefined();

    const watchLimits = { maxUnreadBytes: 1_000_000, bookmarkEveryMs: 100 };
    const token = { token: first.adminToken, user: 'again', groups: ['system:masters'] };
    const second = await startTestApiServer({ crds: [], port: first.port, tokens: [token], watchLimits });
    await expect.poll(() => store.reachable).toBe(true);
    await expect.poll(() => store.get(`default/${name}`)).toBeUndefined();
    await second.client.create(ConfigMap, { metadata: { name: 'new', namespace: 'default' } });
    await expect.poll(() => store.get('default/new')).toBeDefined();
    await store.close();
    await ours.close();
    await second.close();
  });
});

describe('leases, events and status against an API server', () => {
  test('two candidates: one leads, and the other follows when it stops', async () => {
    const name = fresh();
    const led: string[] = [];
    const elect = (identity: string, stopping: AbortController): Promise<void> =>
      runLeaderElection(
        {
          ...time,
          client,
          namespace: 'n',
          name,
          identity,
          // Also the deadline of a call, on a machine that does much else.
          retryMs: 250,
          lead: async ({ term, signal }: Leadership) => {
            led.push(`${identity}${term}`);
            await systemClock.sleep(60_000, signal);
          },
          onError: (error) => expect.fail(String(error)),
        },
        stopping.signal,
      );
    const [a, b] = [new AbortController(), new AbortController()];
    const first = elect('a', a);
    await expect.poll(() => led).toEqual(['a1']);
    const second = elect('b', b);
    await systemClock.sleep(100, a.signal);
    expect(led).toEqual(['a1']);
    a.abort();
    await first;
    await expect.poll(() => led).toEqual(['a1', 'b2']);
    b.abort();
    await second;
    const lease = await client.get<Lease>(LeaseKind, name, 'n');
    expect(lease.spec?.holderIdentity ?? '').toBe('');
    expect(lease.spec?.leaseTransitions).toBe(2);
  });

  test('a host renews its Lease', async () => {
    const name = fresh();
    const stopping = new AbortController();
    const renewing = renewLease(
      {
        client,
        clock: systemClock,
        namespace: 'n',
        name,
        holder: name,
        durationSeconds: 15,
        everyMs: 500,
        onFailure: (error) => expect.fail(String(error)),
      },
      stopping.signal,
    );
    const renewTime = async (): Promise<string | undefined> =>
      (await client.find<Lease>(LeaseKind, name, 'n'))?.spec?.renewTime;
    await expect.poll(renewTime).toBeDefined();
    const before = await renewTime();
    await expect.poll(renewTime).not.toBe(before);
    stopping.abort();
    await renewing;
  });

  test('events are counted in one object', async () => {
    const name = fresh();
    const regarding = await client.create(ConfigMap, config(name, {}));
    const errors: unknown[] = [];
    const events = new EventRecorder({
      client,
      clock: systemClock,
      controller: 'kasmcloud.io/test',
      instance: 'p',
      onError: (error) => errors.push(error),
    });
    for (let n = 0; n < 3; n++) {
      events.record(ConfigMap, regarding, { type: 'Warning', reason: 'Full', action: 'Place', note: 'no room' });
    }
    await events.flush();
    expect(errors).toEqual([]);
    const { items } = await client.list(builtin.Event, { namespace: 'n' });
    expect(items.filter((item) => item.metadata.name.startsWith(`${name}.`))).toMatchObject([
      { reason: 'Full', note: 'no room', series: { count: 3 }, regarding: { uid: regarding.metadata.uid } },
    ]);
  });

  test('a status is written once, and on top of what others wrote', async () => {
    const name = fresh();
    const spec = { hostName: 'h', id: name, image: 'example.com/echo:1', instances: 1 };
    const actor = await client.create<ActorObject>(WasmCloudActor, { metadata: { name, namespace: 'n' }, spec });
    const options = { now: '2026-01-01T00:00:00Z', fieldManager: 'test' };
    const ready = { type: 'Ready', status: 'True', reason: 'Runs', message: '', observedGeneration: 1 } as const;
    await updateStatus(
      client,
      WasmCloudActor,
      actor,
      { conditions: [{ ...ready, type: 'Stalled', status: 'False' }] },
      options,
    );
    const written = await updateStatus(client, WasmCloudActor, actor, { conditions: [ready] }, options);
    expect(written.status?.conditions?.map(({ type }) => type)).toEqual(['Stalled', 'Ready']);
    const again = await updateStatus(
      client,
      WasmCloudActor,
      written,
      { conditions: [ready] },
      { ...options, now: 'later' },
    );
    expect(again).toBe(written);
  });
});
