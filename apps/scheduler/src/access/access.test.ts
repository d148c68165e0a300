import { builtin, Application, labels } from '@kasmcloud/kube-api';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExpiringCache } from './expiring-cache.ts';
import { FailureLimit } from './failure-limit.ts';
import { Gate } from './gate.ts';
import { RefusedError } from './refused-error.ts';
import { Reviews } from './reviews.ts';

const signal = new AbortController().signal;

describe('answers are kept', () => {
  let now = 0;
  let asked = 0;
  const ask = (): Promise<number> => Promise.resolve(++asked);
  const cache = new ExpiringCache<number>({ ttlMs: 10, limit: 2, steady: () => now });

  test('for their time, and asked once by many', async () => {
    expect(await Promise.all([cache.get('a', ask), cache.get('a', ask)])).toEqual([1, 1]);
    now = 9;
    expect(await cache.get('a', ask)).toBe(1);
    now = 10;
    expect(cache.has('a')).toBe(false);
    expect(await cache.get('a', ask)).toBe(2);
  });

  test('up to a number of them', async () => {
    await cache.get('b', ask);
    await cache.get('c', ask);
    expect([cache.has('a'), cache.has('b'), cache.has('c')]).toEqual([false, true, true]);
  });

  test('failures are not', async () => {
    await expect(cache.get('d', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(cache.has('d')).toBe(false);
  });
});

test('an address that fails too often waits for the end of its window', () => {
  const limit = new FailureLimit({ most: 2, windowMs: 100, addresses: 2 });
  limit.failed('a', 0);
  expect(limit.waitMs('a', 1)).toBe(0);
  limit.failed('a', 10);
  expect(limit.waitMs('a', 40)).toBe(60);
  expect(limit.waitMs('b', 40)).toBe(0);
  expect(limit.waitMs('a', 100)).toBe(0);
  limit.failed('b', 50);
  limit.failed('c', 50);
  expect(limit.waitMs('a', 60)).toBe(0);
});

describe('with a hub', () => {
  let hub: TestApiServer;
  let now = 0;
  let reviews: Reviews;
  let gate: Gate;
  beforeAll(async () => {
    hub = await startTestApiServer({
      crds: [Application],
      tokens: [{ token: 'eve-token', user: 'eve', groups: ['dev'] }],
    });
    reviews = new Reviews({ hub: hub.client, steady: () => now });
    const failures = new FailureLimit({ most: 3, windowMs: 60_000, addresses: 100 });
    gate = new Gate({ hub: hub.client, reviews, steady: () => now, failures });
  }, 30_000);
  afterAll(() => hub.close());

  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.catch((thrown: unknown) => thrown);
    return error instanceof RefusedError ? error.kind : `not refused: ${String(error)}`;
  };

  test('a token is its user, and nobody else', async () => {
    const { user } = await gate.identify('Bearer eve-token', 'a', signal);
    expect(user.user).toBe('eve');
    expect(user.groups).toContain('dev');
    for (const header of [undefined, '', 'eve-token', 'Bearer', 'Bearer other', 'Basic eve-token', 'Bearer a b'])
      expect(await refusal(gate.identify(header, header ?? 'none', signal))).toBe('unauthenticated');
  });

  test('whoever guesses is sent away; a good token from the same address is not', async () => {
    for (const guess of ['1', '2', '3']) await refusal(gate.identify(`Bearer ${guess}`, 'nat', signal));
    expect(await refusal(gate.identify('Bearer 4', 'nat', signal))).toBe('tooMany');
    expect(await refusal(gate.identify('Bearer 1', 'nat', signal))).toBe('tooMany');
    expect((await gate.identify('Bearer eve-token', 'nat', signal)).user.user).toBe('eve');
    now += 30_000;
    expect(await refusal(gate.identify('Bearer 4', 'nat', signal))).toBe('tooMany');
    expect((await gate.identify('Bearer eve-token', 'nat', signal)).user.user).toBe('eve');
    now += 30_000;
    expect(await refusal(gate.identify('Bearer 4', 'nat', signal))).toBe('unauthenticated');
  });

  test('rights are those that the hub gives, believed for ten seconds', async () => {
    const caller = await gate.identify('Bearer eve-token', 'a', signal);
    const right = { verb: 'get', kind: Application, namespace: 'default' } as const;
    expect(await refusal(gate.require(caller, right, signal))).toBe('forbidden');
    await expect(gate.require(caller, right, signal)).rejects.toThrow(
      'user "eve" cannot get applications.core.oam.dev in namespace "default"',
    );
    const rules = [{ apiGroups: [Application.group], resources: [Application.plural], verbs: ['get'] }];
    await hub.client.create(builtin.ClusterRole, { metadata: { name: 'see' }, rules });
    await hub.client.create(builtin.ClusterRoleBinding, {
      metadata: { name: 'see' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'see' },
      subjects: [{ kind: 'Group', name: 'dev', apiGroup: 'rbac.authorization.k8s.io' }],
    });
    expect(await refusal(gate.require(caller, right, signal))).toBe('forbidden');
    now += 10_000;
    await gate.require(caller, right, signal);
  });

  test('what a caller writes is written as the caller', async () => {
    const caller = await gate.identify('Bearer eve-token', 'a', signal);
    const draft = {
      metadata: { name: 'x', namespace: 'default', labels: { [labels.application]: 'x' } },
      spec: { components: [] },
    };
    await expect(caller.hub.create(Application, draft)).rejects.toThrow('eve');
    const admin = await gate.identify(`Bearer ${hub.adminToken}`, 'a', signal);
    expect((await admin.hub.create(Application, draft)).metadata.name).toBe('x');
  });
});
