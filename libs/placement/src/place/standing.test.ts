import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, placeOne, slots, standing } from '../example.ts';
import type { Cluster, Host } from '../model/snapshot.ts';

describe('what stands stays', () => {
  const three = [slots('eu/a', 9), slots('eu/b', 9), slots('us/c', 9)];
  const cases: {
    name: string;
    spec?: Omit<DistributionSpec, 'actor'>;
    replicas: number;
    current: Record<string, number>;
    hosts?: Host[];
    clusters?: Cluster[];
    want: Record<string, number>;
    moves?: number;
  }[] = [
    { name: 'an uneven division is left alone', replicas: 4, current: { 'eu/a': 4 }, want: { 'eu/a': 4 } },
    {
      name: 'scaling up moves none and fills where most is due',
      replicas: 6,
      current: { 'eu/a': 4 },
      want: { 'eu/a': 4, 'us/c': 2 },
    },
    {
      name: 'scaling down takes from the most over-target domain',
      replicas: 4,
      current: { 'eu/a': 5, 'us/c': 1 },
      want: { 'eu/a': 3, 'us/c': 1 },
    },
    {
      name: 'a new host gets nothing of what runs',
      replicas: 2,
      current: { 'eu/a': 1, 'eu/b': 1 },
      want: { 'eu/a': 1, 'eu/b': 1 },
    },
    {
      name: 'a lost host is replaced, no more',
      replicas: 4,
      current: { 'eu/a': 3, 'us/c': 1 },
      hosts: [host('eu/a', { state: 'Lost' }), slots('eu/b', 9), slots('us/c', 9)],
      want: { 'eu/b': 2, 'us/c': 2 },
      moves: 3,
    },
    {
      name: 'a host that is gone from a reachable cluster is lost',
      replicas: 2,
      current: { 'eu/x': 2 },
      hosts: [slots('us/c', 9)],
      want: { 'us/c': 2 },
      moves: 2,
    },
    {
      name: 'a suspect host keeps',
      replicas: 4,
      current: { 'eu/a': 3 },
      hosts: [host('eu/a', { state: 'Suspect' }), slots('us/c', 9)],
      want: { 'eu/a': 3, 'us/c': 1 },
    },
    {
      name: 'an unknown host is frozen, even when too much',
      replicas: 1,
      current: { 'eu/a': 3, 'us/c': 2 },
      hosts: [host('eu/a', { state: 'Unknown' }), slots('us/c', 9)],
      want: { 'eu/a': 3 },
    },
    {
      name: 'an unreachable cluster keeps what its Placements say, seen or not',
      replicas: 6,
      current: { 'eu/a': 2, 'eu/ghost': 3 },
      clusters: [cluster('eu', { reach: 'Unreachable' }), cluster('us')],
      want: { 'eu/a': 2, 'eu/ghost': 3, 'us/c': 1 },
    },
    {
      name: 'a lost cluster is replaced',
      replicas: 4,
      current: { 'eu/a': 3, 'us/c': 1 },
      clusters: [cluster('eu', { reach: 'Lost' }), cluster('us')],
      want: { 'us/c': 4 },
      moves: 3,
    },
    {
      name: 'a cordon keeps',
      replicas: 2,
      current: { 'eu/a': 2 },
      hosts: [host('eu/a', { unschedulable: true }), slots('us/c', 9)],
      want: { 'eu/a': 2 },
    },
    {
      name: 'NoSchedule keeps, NoExecute moves',
      replicas: 4,
      current: { 'eu/a': 2, 'eu/b': 2 },
      hosts: [
        host('eu/a', { taints: [{ key: 'x', effect: 'NoSchedule' }] }),
        host('eu/b', { taints: [{ key: 'x', effect: 'NoExecute' }] }),
        slots('us/c', 9),
      ],
      want: { 'eu/a': 2, 'us/c': 2 },
      moves: 2,
    },
    {
      name: 'NoExecute is borne as long as tolerated',
      spec: { tolerations: [{ key: 'x', operator: 'Exists', seconds: 60 }] },
      replicas: 4,
      current: { 'eu/a': 2, 'eu/b': 2 },
      hosts: [
        host('eu/a', { taints: [{ key: 'x', effect: 'NoExecute', ageSeconds: 59 }] }),
        host('eu/b', { taints: [{ key: 'x', effect: 'NoExecute', ageSeconds: 60 }] }),
        slots('us/c', 9),
      ],
      want: { 'eu/a': 2, 'us/c': 2 },
      moves: 2,
    },
    {
      name: 'a required term moves what no longer meets it',
      spec: { hosts: { required: [{ matchExpressions: [{ key: 'ssd', operator: 'Exists' }] }] } },
      replicas: 2,
      current: { 'eu/a': 2 },
      hosts: [host('eu/a'), host('us/c', { labels: { ssd: '' } })],
      want: { 'us/c': 2 },
      moves: 2,
    },
    {
      name: 'a hard skew that a loss broke kills nobody',
      spec: { spread: [{ topologyKey: labels.cluster, whenUnsatisfiable: 'Block', whenDomainFull: 'Block' }] },
      replicas: 8,
      current: { 'eu/a': 4 },
      hosts: [slots('eu/a', 9), slots('us/c', 2)],
      want: { 'eu/a': 4, 'us/c': 2 },
    },
    {
      name: 'suspended: nothing is decided',
      spec: { suspend: true },
      replicas: 9,
      current: { 'eu/a': 2 },
      want: { 'eu/a': 2 },
    },
  ];
  test.for(cases)('$name', ({ spec, replicas, current, hosts, clusters, want, moves }) => {
    const plan = placeOne(actor({ ...spec, replicas }, { current: standing(current) }), hosts ?? three, clusters);
    expect(countsOf(plan)).toEqual(want);
    expect(plan.moves).toMatchObject({ count: moves ?? 0, lowerBound: moves ?? 0 });
  });

  test('what frozen hosts hold above the wish is counted as excess', () => {
    const plan = placeOne(actor({ replicas: 1 }, { current: standing({ 'eu/a': 3 }) }), [
      host('eu/a', { state: 'Unknown' }),
    ]);
    expect([plan.placed, plan.excess]).toEqual([3, 2]);
  });

  test('evictions keep to the move budget and say what is left', () => {
    const hosts = [host('eu/a', { taints: [{ key: 'x', effect: 'NoExecute' }] }), slots('us/c', 9)];
    const plan = placeOne(actor({ replicas: 5 }, { current: standing({ 'eu/a': 5 }), moveBudget: 2 }), hosts);
    expect(countsOf(plan)).toEqual({ 'eu/a': 3, 'us/c': 2 });
    expect(plan.moves).toEqual({ count: 2, lowerBound: 2, deferred: 3 });
  });

  test('a host where the revision failed is avoided and gives up what failed there; another revision is not', () => {
    const avoid = [{ revision: 'r1', cluster: 'eu', host: 'a' }];
    const current = [{ cluster: 'eu', host: 'a', replicas: 3, failed: 2 }];
    const moved = placeOne(actor({ replicas: 3 }, { current, avoid }), three);
    expect([moved.placed, countsOf(moved)['eu/a']]).toEqual([3, 1]);
    expect(countsOf(placeOne(actor({ replicas: 3 }, { current, avoid, revision: 'r2' }), three))).toEqual({
      'eu/a': 3,
    });
    const nowhere = placeOne(actor({ replicas: 1 }, { avoid: [{ revision: 'r1', cluster: 'eu' }] }), [host('eu/a')]);
    expect(nowhere.unplaced).toEqual([{ reason: 'Avoided', count: 1, blockers: ['avoid'], hosts: { Eligible: 1 } }]);
  });
});
