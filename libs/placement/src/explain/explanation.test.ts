import { labels as names } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { actor, cluster, host, slots, standing, twoClusters } from '../example.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Host, Snapshot } from '../model/snapshot.ts';
import { place } from '../place/place.ts';
import { explain, explainHost, type Explanation } from './explanation.ts';

const key = 'default/app';
const world = (hosts: readonly Host[], ...distributions: Distribution[]): Snapshot => ({
  clusters: twoClusters,
  hosts,
  distributions,
});

function explained(snapshot: Snapshot): Explanation {
  const found = explain(snapshot, place(snapshot), key);
  if (found === undefined) throw new Error('there is nothing to explain');
  return found;
}

test('why here: what each domain holds, what is due to it, and what stood before', () => {
  const weights = [
    { value: 'eu', weight: 2 },
    { value: 'us', weight: 1 },
  ];
  const spec = { replicas: 4, spread: [{ topologyKey: names.cluster, weights }] };
  const { divisions, here } = explained(
    world([slots('eu/a', 9), slots('us/b', 9)], actor(spec, { current: standing({ 'eu/a': 1 }) })),
  );
  expect(divisions).toEqual([
    {
      topologyKey: names.cluster,
      domains: [
        { inside: [], value: 'eu', replicas: 3, weight: 2, share: 2.67 },
        { inside: [], value: 'us', replicas: 1, weight: 1, share: 1.33 },
      ],
      ties: [],
    },
  ]);
  expect(here).toEqual([
    { path: 'eu/a', replicas: 3, stood: 1, score: 0 },
    { path: 'us/b', replicas: 1, stood: 0, score: 0 },
  ]);
});

test('why here: of equal clusters the hash of the names gave one more to one', () => {
  const [division] = explained(world([slots('eu/a', 9), slots('us/b', 9)], actor({ replicas: 3 }))).divisions;
  const { more = [], fewer = [] } = division?.ties[0] ?? {};
  expect([...more, ...fewer].toSorted()).toEqual(['eu', 'us']);
});

test('why here: a preferred host says by how much it is liked', () => {
  const term = { weight: 30, matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };
  const hosts = [host('eu/a', { labels: { disk: 'ssd' } }), host('us/b')];
  const { here, divisions } = explained(world(hosts, actor({ replicas: 1, hosts: { preferred: [term] } })));
  expect(here).toEqual([{ path: 'eu/a', replicas: 1, stood: 0, score: 30 }]);
  expect(divisions[0]?.ties).toEqual([]);
});

test('why here: so does one that is liked for its neighbours, or in spite of them', () => {
  const beside = (app: string) => ({ topologyKey: names.cluster, selector: { matchLabels: { app } } });
  const spec = {
    replicas: 1,
    affinity: { preferred: [{ weight: 40, ...beside('db') }] },
    antiAffinity: { preferred: [{ weight: 15, ...beside('batch') }] },
  };
  const others = ['db', 'batch'].map((name) =>
    actor({ replicas: 1 }, { name, labels: { app: name }, current: standing({ 'us/b': 1 }) }),
  );
  const { here } = explained(world([slots('eu/a', 9), slots('us/b', 9)], actor(spec), ...others));
  expect(here).toEqual([{ path: 'us/b', replicas: 1, stood: 0, score: 25 }]);
});

test('why not there: by filter how many, and first those that nothing else keeps away', () => {
  const hosts = [
    host('eu/a', { unschedulable: true, allocatable: { instances: 0 } }),
    host('eu/b', { unschedulable: true }),
    host('eu/c', { state: 'Suspect' }),
    slots('us/d', 1),
  ];
  const { refused, full, idle, unplaced, remedies } = explained(world(hosts, actor({ replicas: 2 })));
  expect(refused).toEqual([
    { refusal: 'HostCordoned', count: 2, only: 1, best: ['eu/b', 'eu/a'] },
    { refusal: 'HostSuspect', count: 1, only: 1, best: ['eu/c'] },
  ]);
  expect(full).toEqual({
    count: 1,
    best: [{ path: 'us/d', replicas: 1, isAtLimit: false, short: [{ resource: 'instances', left: 0, asked: 1 }] }],
  });
  expect(idle).toEqual({ count: 0, best: [] });
  expect(unplaced.map(({ reason, blockers }) => [reason, blockers])).toEqual([
    ['InsufficientRoom', ['resources.instances']],
  ]);
  expect(remedies).toEqual([
    { change: { kind: 'UncordonHosts', hosts: ['eu/a', 'eu/b'] }, places: 1 },
    { change: { kind: 'ReadyHosts', hosts: ['eu/c'] }, places: 1 },
    { change: { kind: 'AddHost', like: 'us/d' }, places: 1 },
  ]);
});

test('a host that is too small as well: both are named, since to lift one alone would help nobody', () => {
  const snapshot = world(
    [host('eu/a', { unschedulable: true, state: 'Suspect', allocatable: { instances: 0 } })],
    actor({ replicas: 1 }),
  );
  expect(explained(snapshot).unplaced).toMatchObject([
    { reason: 'NoEligibleHost', blockers: ['HostCordoned', 'HostSuspect', 'resources.instances'] },
  ]);
  const { unplaced = [], remedies } = explain(snapshot, place(snapshot), key, { tries: false }) ?? {};
  expect([unplaced.map(({ reason }) => reason), remedies], 'without trying').toEqual([['NoEligibleHost'], []]);
  expect(explainHost(snapshot, place(snapshot), key, { cluster: 'eu', host: 'a' })).toMatchObject({
    path: 'eu/a',
    filters: ['HostCordoned', 'HostSuspect'],
    blockers: ['HostCordoned', 'HostSuspect', 'resources.instances'],
  });
});

test('what runs elsewhere is a reason by its domain, and tells no name', () => {
  const shy = { labels: { app: 'db' }, name: 'app' };
  const term = { topologyKey: names.cluster, selector: { matchLabels: { app: 'db' } } };
  const rival = actor({ replicas: 1 }, { ...shy, name: 'rival', current: standing({ 'eu/a': 1 }) });
  const snapshot = world(
    [slots('eu/a', 9), slots('eu/b', 9)],
    actor({ replicas: 1, antiAffinity: { required: [term] } }, shy),
    rival,
  );
  const found = explained({ ...snapshot, clusters: [cluster('eu')] });
  expect(found.refused).toEqual([{ refusal: 'AntiAffinity', count: 2, only: 2, best: ['eu/a', 'eu/b'] }]);
  expect(JSON.stringify(found)).not.toContain('rival');
});

test('what is not there is not explained', () => {
  const snapshot = world([slots('eu/a', 9)], actor({}));
  const plan = place(snapshot);
  expect(explain(snapshot, plan, 'default/other')).toBeUndefined();
  expect(explainHost(snapshot, plan, key, { cluster: 'eu', host: 'z' })).toBeUndefined();
  expect(explainHost(snapshot, plan, 'default/other', { cluster: 'eu', host: 'a' })).toBeUndefined();
});
