import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, planOf, slots, standing } from '../example.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Plan } from '../model/plan.ts';
import type { Host, Snapshot } from '../model/snapshot.ts';
import { place } from '../place/place.ts';
import { Engine } from './engine.ts';

const keysOf = ({ distributions }: Plan): string[] => distributions.map(({ key }) => key);

const countsIn = (engine: Engine, key: string) => countsOf(planOf(engine.plan(), `default/${key}`));

/** Two distributions that have what they want: `web` on both clusters, `cache` on one host. */
function world(): { snapshot: Snapshot; engine: Engine } {
  const ssd = { hosts: { required: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' as const }] }] } };
  const snapshot: Snapshot = {
    clusters: [cluster('eu'), cluster('us')],
    hosts: [
      slots('eu/a', 4),
      slots('us/b', 4),
      host('us/c', { allocatable: { instances: 4 }, labels: { disk: 'ssd' } }),
    ],
    distributions: [
      actor({ replicas: 4, maxPerHost: 2 }, { name: 'web', current: standing({ 'eu/a': 2, 'us/b': 2 }) }),
      actor({ replicas: 1, ...ssd }, { name: 'cache', current: standing({ 'us/c': 1 }) }),
    ],
  };
  return { snapshot, engine: new Engine(snapshot) };
}

describe('only what a change may matter to is looked at again', () => {
  test('a host that changes concerns those that stand there', () => {
    const { engine } = world();
    expect(keysOf(engine.plan())).toEqual(['default/cache', 'default/web']);
    expect(keysOf(engine.apply({ hosts: [slots('eu/a', 5)] }))).toEqual(['default/web']);
    expect(
      keysOf(engine.apply({ hosts: [host('us/c', { allocatable: { instances: 5 }, labels: { disk: 'ssd' } })] })),
    ).toEqual(['default/cache']);
  });

  test('a cluster that changes concerns those that stand in it', () => {
    const { engine } = world();
    const again = engine.apply({ clusters: [cluster('eu', { unschedulable: true })] });
    expect(keysOf(again)).toEqual(['default/web']);
    expect(countsIn(engine, 'web')).toEqual({ 'eu/a': 2, 'us/b': 2 });
    expect(keysOf(engine.apply({ clusters: [cluster('us', { unschedulable: true })] }))).toEqual([
      'default/cache',
      'default/web',
    ]);
  });

  test('what went elsewhere is concerned there, and no longer where it was', () => {
    const { engine } = world();
    engine.apply({ hosts: [{ ...slots('eu/a', 4), state: 'Lost' }] });
    expect(countsIn(engine, 'web')).toEqual({ 'us/b': 2, 'us/c': 2 });
    expect(keysOf(engine.apply({ hosts: [slots('eu/a', 4)] }))).toEqual([]);
    expect(keysOf(engine.apply({ hosts: [slots('us/b', 5)] }))).toEqual(['default/web']);
  });

  test('who wants more looks at every change', () => {
    const { engine, snapshot } = world();
    const [web, cache] = snapshot.distributions;
    if (web === undefined || cache === undefined) throw new Error('there are two');
    const more: Distribution = { ...cache, replicas: 9, current: standing({ 'us/c': 1 }) };
    expect(keysOf(engine.apply({ distributions: [more] }))).toEqual(['default/cache']);
    expect(countsIn(engine, 'cache')).toEqual({ 'us/c': 4 });
    expect(keysOf(engine.apply({ hosts: [slots('eu/a', 6)] }))).toEqual(['default/cache', 'default/web']);
    const enough: Distribution = { ...more, replicas: 4, current: standing({ 'us/c': 4 }) };
    engine.apply({ distributions: [enough] });
    expect(keysOf(engine.apply({}))).toEqual([]);
  });

  const here = { name: 'here', required: [] };
  const evicting = host('us/d', { taints: [{ key: 'x', effect: 'NoExecute' }] });
  const restless: [why: string, spec: object, facts: object][] = [
    ['it is to be rebalanced', { stability: { policy: 'Rebalance' } }, {}],
    ['its spec has changed', {}, { changed: true, moveBudget: 0, current: standing({ 'eu/a': 1 }) }],
    ['it goes wherever a host opens', { mode: 'Daemon', replicas: 0 }, {}],
    ['a tier takes back', { clusters: { tiers: [{ ...here, failBack: true }, here] } }, {}],
    ['a move has to wait', {}, { moveBudget: 0, current: standing({ 'us/d': 1 }) }],
  ];
  test.each(restless)('every change concerns a distribution while %s', (_, spec, facts) => {
    const { snapshot } = world();
    const one = actor({ replicas: 1, ...spec }, { name: 'one', ...facts });
    const hosts = [...snapshot.hosts, evicting];
    const engine = new Engine({ ...snapshot, hosts, distributions: [...snapshot.distributions, one] });
    expect(keysOf(engine.apply({}))).toEqual(['default/one']);
    engine.apply({ distributions: [actor({ replicas: 1 }, { name: 'one' })] });
    expect(keysOf(engine.apply({})), 'and no longer').toEqual([]);
  });

  test('hosts that come, go or are relabelled concern everybody', () => {
    for (const change of [
      { hosts: [slots('eu/new', 1)] },
      { hosts: [host('eu/a', { labels: { disk: 'hdd' }, allocatable: { instances: 4 } })] },
      { removed: { hosts: [{ cluster: 'eu', name: 'none' }] } },
      { removed: { clusters: ['none'] } },
      { clusters: [cluster('new')] },
      { clusters: [cluster('eu', { reach: 'Unreachable' as const })] },
      { namespaces: [] },
    ])
      expect(keysOf(world().engine.apply(change))).toEqual(['default/cache', 'default/web']);
    for (const change of [{ clusters: [cluster('eu')] }, { hosts: [] }, { removed: {} }, { removed: { hosts: [] } }])
      expect(keysOf(world().engine.apply(change))).not.toContain('default/cache');
  });
});

describe('changes are carried out', () => {
  test('a host that is gone is replaced', () => {
    const { engine } = world();
    engine.apply({ removed: { hosts: [{ cluster: 'us', name: 'b' }] } });
    expect(countsIn(engine, 'web')).toEqual({ 'eu/a': 2, 'us/c': 2 });
  });

  test('a cluster that is gone is replaced', () => {
    const { engine } = world();
    engine.apply({ removed: { clusters: ['us'] } });
    expect([countsIn(engine, 'web'), countsIn(engine, 'cache')]).toEqual([{ 'eu/a': 2 }, {}]);
  });

  test('a host that comes takes what had no room', () => {
    const { engine } = world();
    engine.apply({
      distributions: [
        actor({ replicas: 8, maxPerHost: 2 }, { name: 'web', current: standing({ 'eu/a': 2, 'us/b': 2 }) }),
      ],
    });
    expect(countsIn(engine, 'web')).toEqual({ 'eu/a': 2, 'us/b': 2, 'us/c': 2 });
    engine.apply({ hosts: [slots('eu/z', 9)] });
    expect(countsIn(engine, 'web')).toEqual({ 'eu/a': 2, 'eu/z': 2, 'us/b': 2, 'us/c': 2 });
  });

  test('a distribution that is gone leaves its room', () => {
    const { engine } = world();
    engine.apply({ distributions: [actor({ replicas: 9, priority: -1 }, { name: 'batch' })] });
    expect(planOf(engine.plan(), 'default/batch').placed).toBe(7);
    const left = engine.apply({ removed: { distributions: ['default/web'] } });
    expect(keysOf(left)).toEqual(['default/batch']);
    expect(planOf(engine.plan(), 'default/batch').placed).toBe(9);
    expect(keysOf(engine.plan())).toEqual(['default/batch', 'default/cache']);
    expect(keysOf(engine.apply({ removed: { distributions: ['default/none'] } }))).toEqual([]);
  });

  test('bounds of namespaces are set, changed and taken away', () => {
    const { engine } = world();
    const wants = actor({ replicas: 6 }, { name: 'web' });
    engine.apply({ namespaces: [{ name: 'default', quota: { instances: 3 } }], distributions: [wants] });
    expect(planOf(engine.plan(), 'default/web').placed).toBe(2);
    engine.apply({ namespaces: [{ name: 'default', quota: { instances: 5 } }] });
    expect(planOf(engine.plan(), 'default/web').placed).toBe(4);
    // Bounds that nobody speaks of stay.
    engine.apply({ hosts: [slots('eu/z', 9)] });
    expect(planOf(engine.plan(), 'default/web').placed).toBe(4);
    engine.apply({ namespaces: [] });
    expect(planOf(engine.plan(), 'default/web').placed).toBe(6);
  });

  test('what is told to stand on a host that nobody has seen gets a place in an unreachable cluster', () => {
    const { engine } = world();
    engine.apply({ clusters: [cluster('eu', { reach: 'Unreachable' })] });
    const ghost = actor({ replicas: 3 }, { name: 'ghost', current: standing({ 'eu/x': 2 }) });
    expect(keysOf(engine.apply({ distributions: [ghost] }))).toHaveLength(3);
    expect(countsIn(engine, 'ghost')['eu/x']).toBe(2);
    const other = actor({ replicas: 1 }, { name: 'other', current: standing({ 'eu/y': 1 }) });
    const before = engine.plan();
    expect(countsOf(planOf(engine.preview([other]), 'default/other'))).toEqual({ 'eu/y': 1 });
    expect(engine.plan()).toEqual(before);
  });
});

describe('clusters where nothing changes are told as the same objects', () => {
  const clusters = ['ap', 'eu', 'us'].map((name) => cluster(name));
  const hosts = ['ap/x', 'eu/a', 'eu/b', 'us/c', 'us/d', 'us/e'].map((path) => slots(path, 2));
  const web = actor(
    { replicas: 7 },
    { name: 'web', current: standing({ 'ap/x': 2, 'eu/a': 2, 'us/c': 1, 'us/d': 2 }) },
  );

  /** Which clusters of the plan are the objects that they were before hosts were lost. */
  function sameAfterLossOf(...lost: string[]): Record<string, boolean> {
    const engine = new Engine({ clusters, hosts, distributions: [web] });
    const before = new Set(planOf(engine.plan()).clusters);
    const isLost = (one: Host): boolean => lost.includes(`${one.cluster}/${one.name}`);
    const now = hosts.map((one): Host => (isLost(one) ? { ...one, state: 'Lost' } : one));
    engine.apply({ hosts: now.filter(isLost) });
    const plan = planOf(engine.plan());
    expect(plan).toEqual(planOf(place({ clusters, hosts: now, distributions: [web] })));
    return Object.fromEntries(plan.clusters.map((one) => [one.cluster, before.has(one)]));
  }

  test('when one is idle that is lost, or others change', () => {
    expect(sameAfterLossOf('eu/b')).toEqual({ ap: true, eu: true, us: true });
    expect(sameAfterLossOf('eu/a')).toEqual({ ap: true, eu: false, us: true });
    expect(sameAfterLossOf('us/d')).toEqual({ ap: true, eu: true, us: false });
    expect(sameAfterLossOf('ap/x')).toEqual({ eu: false, us: false });
    expect(sameAfterLossOf('eu/a', 'eu/b')).toEqual({ ap: true, us: false });
    expect(sameAfterLossOf('ap/x', 'eu/a', 'eu/b')).toEqual({ us: false });
  });
});

test('a preview forgets whom it planned', () => {
  const { engine, snapshot } = world();
  const onA = { required: [{ matchExpressions: [{ key: labels.hostname, operator: 'In' as const, values: ['a'] }] }] };
  const greedy = actor({ replicas: 4, priority: 9, preemption: 'LowerPriority', hosts: onA }, { name: 'greedy' });
  const preview = engine.preview([greedy]);
  expect(preview).toEqual(engine.preview([greedy]));
  expect(countsOf(planOf(preview, 'default/greedy'))).toEqual({ 'eu/a': 4 });
  expect(countsOf(planOf(preview, 'default/web'))).toEqual({ 'us/b': 2, 'us/c': 2 });
  expect(engine.plan()).toEqual(place(snapshot));
  expect(keysOf(engine.apply({}))).toEqual([]);
  // All room is there again.
  engine.apply({
    distributions: [actor({ replicas: 11 }, { name: 'web', current: standing({ 'eu/a': 2, 'us/b': 2 }) })],
  });
  expect(planOf(engine.plan(), 'default/web').placed).toBe(11);
});

test('preemption wakes those at rest, and charges them once', () => {
  const clusters = [cluster('eu')];
  const hosts = [slots('eu/a', 4), slots('eu/b', 2)];
  const onA = {
    hosts: { required: [{ matchExpressions: [{ key: labels.hostname, operator: 'In' as const, values: ['a'] }] }] },
  };
  const batch = actor({ replicas: 4 }, { name: 'batch', current: standing({ 'eu/a': 4 }) });
  const first = actor({ replicas: 3, priority: 9, preemption: 'LowerPriority', ...onA }, { name: 'first' });
  const engine = new Engine({ clusters, hosts, distributions: [batch] });
  expect(engine.apply({ distributions: [first] })).toEqual(place({ clusters, hosts, distributions: [batch, first] }));
  expect(countsIn(engine, 'batch')).toEqual({ 'eu/a': 1, 'eu/b': 2 });
  expect(countsIn(engine, 'first')).toEqual({ 'eu/a': 3 });
  engine.apply({ removed: { distributions: ['default/first'] } });
  expect(countsIn(engine, 'batch')).toEqual({ 'eu/a': 2, 'eu/b': 2 });
  engine.apply({
    removed: { distributions: ['default/batch'] },
    distributions: [actor({ replicas: 9 }, { name: 'last' })],
  });
  expect(countsIn(engine, 'last')).toEqual({ 'eu/a': 4, 'eu/b': 2 });
});

test('terms that come later know who stands where', () => {
  const { engine } = world();
  const beside = {
    antiAffinity: { required: [{ topologyKey: labels.hostname, selector: { matchLabels: { app: 'web' } } }] },
  };
  const web = actor(
    { replicas: 2 },
    { name: 'web', labels: { app: 'web' }, current: standing({ 'eu/a': 1, 'us/b': 1 }) },
  );
  engine.apply({ distributions: [web] });
  engine.apply({ distributions: [actor({ replicas: 4, ...beside }, { name: 'lonely' })] });
  expect(countsIn(engine, 'lonely')).toEqual({ 'us/c': 3 });
});

test('who is gone is taken from no more, and keeps nobody away', () => {
  const clusters = [cluster('eu')];
  const hosts = [slots('eu/a', 4)];
  const shy = {
    antiAffinity: { required: [{ topologyKey: labels.hostname, selector: { matchLabels: { app: 'low' } } }] },
  };
  const low = actor({ replicas: 2 }, { name: 'low', labels: { app: 'low' }, current: standing({ 'eu/a': 2 }) });
  const engine = new Engine({ clusters, hosts, distributions: [low] });
  engine.apply({ removed: { distributions: ['default/low'] } });
  const high = actor({ replicas: 6, priority: 9, preemption: 'LowerPriority', ...shy }, { name: 'high' });
  expect(engine.apply({ distributions: [high] })).toEqual(place({ clusters, hosts, distributions: [high] }));
});

test('a cluster that lost its last host of several is told anew', () => {
  const clusters = [cluster('eu')];
  const hosts = [slots('eu/a', 1), slots('eu/b', 1)];
  const web = actor({ replicas: 2 }, { name: 'web', current: standing({ 'eu/a': 1, 'eu/b': 1 }) });
  const engine = new Engine({ clusters, hosts, distributions: [web] });
  const now: Host[] = [slots('eu/a', 1), { ...slots('eu/b', 1), state: 'Lost' }];
  engine.apply({ hosts: now });
  expect(engine.plan()).toEqual(place({ clusters, hosts: now, distributions: [web] }));
  engine.apply({ hosts });
  expect(countsIn(engine, 'web')).toEqual({ 'eu/a': 1, 'eu/b': 1 });
});

test('what was planned again is there once: nobody can take it twice', () => {
  const clusters = [cluster('eu')];
  const hosts = [slots('eu/a', 4)];
  const low = actor({ replicas: 4 }, { name: 'low', current: standing({ 'eu/a': 4 }) });
  const engine = new Engine({ clusters, hosts, distributions: [low] });
  // Twice looked at again, with nothing to do.
  engine.apply({ hosts: [slots('eu/a', 5)] });
  engine.apply({ hosts });
  const high = actor({ replicas: 6, priority: 9, preemption: 'LowerPriority' }, { name: 'high' });
  engine.apply({ distributions: [high] });
  expect(engine.plan()).toEqual(place({ clusters, hosts, distributions: [low, high] }));
  expect([countsIn(engine, 'high'), countsIn(engine, 'low')]).toEqual([{ 'eu/a': 4 }, {}]);
});
