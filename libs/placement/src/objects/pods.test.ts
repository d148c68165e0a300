import {
  labels,
  MOST_PODS,
  PODS_HOST,
  typeMeta,
  WasmCloudCluster,
  WasmCloudHost,
  type ClusterObject,
  type DistributionSpec,
  type HostObject,
} from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, countsOf, perCluster, planOf, standing } from '../example.ts';
import { explain } from '../explain/explanation.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Plan } from '../model/plan.ts';
import type { NamespaceBounds, Snapshot } from '../model/snapshot.ts';
import { readDistribution, type DistributionFacts } from '../model/spec.ts';
import { place } from '../place/place.ts';
import { toSnapshot, type MemberObjects } from './snapshot.ts';

const clusterObject = (name: string, region: string): ClusterObject => ({
  ...typeMeta(WasmCloudCluster),
  metadata: { name },
  spec: { region, kubeconfigSecret: { name } },
});
const hostObject = (name: string, rack: string): HostObject => ({
  ...typeMeta(WasmCloudHost),
  metadata: { name, labels: { rack } },
  spec: { lattices: ['*'] },
});
const member = (
  name: string,
  region: string,
  hosts: readonly string[],
  rest: Partial<MemberObjects> = {},
): MemberObjects => ({
  cluster: clusterObject(name, region),
  reach: 'Reachable',
  hosts: hosts.map((one, i) => ({ object: hostObject(one, `r${i}`), liveness: 'Ready' })),
  actors: [],
  providers: [],
  runsPods: true,
  ...rest,
});

const inPods = (spec: Partial<DistributionSpec> = {}, facts: Partial<DistributionFacts> = {}): Distribution =>
  readDistribution(
    { provider: { id: 'p', image: 'registry/p:1', container: {} }, ...spec },
    { namespace: 'default', name: 'p', revision: 'r1', current: [], ...facts },
  );
const worldOf = (
  members: readonly MemberObjects[],
  distributions: readonly Distribution[],
  namespaces: readonly NamespaceBounds[] = [],
): Snapshot => ({ ...toSnapshot({ members, planned: [], isOurs: () => false }), distributions, namespaces });
const planned = (
  members: readonly MemberObjects[],
  distributions: readonly Distribution[],
  namespaces?: NamespaceBounds[],
): Plan => place(worldOf(members, distributions, namespaces));

const eu = member('eu-1', 'eu', ['a', 'b']);
const us = member('us-1', 'us', []);

describe('replicas in pods', () => {
  test('are balanced over clusters, with and without hosts, and take none of a host', () => {
    const plan = planned([eu, us], [inPods({ replicas: 5 }), actor({ replicas: 4 })]);
    const pods = countsOf(planOf(plan, 'default/p'));
    expect(new Set(Object.values(pods))).toEqual(new Set([2, 3]));
    expect(Object.keys(pods).toSorted()).toEqual([`eu-1/${PODS_HOST}`, `us-1/${PODS_HOST}`]);
    expect(countsOf(planOf(plan, 'default/app'))).toEqual({ 'eu-1/a': 2, 'eu-1/b': 2 });
  });

  test('obey what is said of clusters', () => {
    const weights = [
      { value: 'eu', weight: 3 },
      { value: 'us', weight: 1 },
    ];
    const spread = [{ topologyKey: labels.region, weights }];
    expect(perCluster(planOf(planned([eu, us], [inPods({ replicas: 8, spread })])))).toEqual({ 'eu-1': 6, 'us-1': 2 });
    const required = [{ matchExpressions: [{ key: labels.region, operator: 'In' as const, values: ['us'] }] }];
    expect(perCluster(planOf(planned([eu, us], [inPods({ replicas: 8, clusters: { required } })])))).toEqual({
      'us-1': 8,
    });
    expect(perCluster(planOf(planned([eu, us], [inPods({ replicas: 2, mode: 'Daemon' })])))).toEqual({
      'eu-1': 2,
      'us-1': 2,
    });
  });

  test('a cluster with nothing but pods is no domain of an actor, nor a host one of pods', () => {
    const blocking = { whenUnsatisfiable: 'Block', whenDomainFull: 'Block' } as const;
    const byCluster = [{ topologyKey: labels.cluster, ...blocking }];
    expect(perCluster(planOf(planned([eu, us], [actor({ replicas: 6, spread: byCluster })])))).toEqual({ 'eu-1': 6 });
    const weights = [
      { value: 'eu', weight: 1 },
      { value: 'us', weight: 1 },
    ];
    const shares = [{ topologyKey: labels.region, weights, whenUnsatisfiable: 'Block' as const }];
    expect(planOf(planned([eu, us], [actor({ replicas: 6, spread: shares })])).placed).toBe(
      planOf(planned([eu], [actor({ replicas: 6, spread: shares })])).placed,
    );
    const byRack = [{ topologyKey: 'rack', ...blocking }];
    const { placed, unplaced } = planOf(planned([eu, us], [inPods({ replicas: 2, spread: byRack })]));
    expect([placed, unplaced[0]?.hosts]).toEqual([0, { SpreadLabel: 2 }]);
  });

  test('of a lost cluster are replaced elsewhere', () => {
    const current = standing({ [`eu-1/${PODS_HOST}`]: 2, [`us-1/${PODS_HOST}`]: 2 });
    const lost = member('us-1', 'us', [], { reach: 'Lost' });
    expect(perCluster(planOf(planned([eu, lost], [inPods({ replicas: 4 }, { current })])))).toEqual({ 'eu-1': 4 });
    const silent = member('us-1', 'us', [], { reach: 'Unreachable' });
    expect(perCluster(planOf(planned([eu, silent], [inPods({ replicas: 4 }, { current })])))).toEqual({
      'eu-1': 2,
      'us-1': 2,
    });
  });

  test('are as many in a cluster as a Provider can have, and as a namespace may', () => {
    const many = planOf(planned([eu, us], [inPods({ replicas: 2 * MOST_PODS + 1 })]));
    expect([perCluster(many), many.unplaced]).toMatchObject([
      { 'eu-1': MOST_PODS, 'us-1': MOST_PODS },
      [{ reason: 'MaxPerHost', count: 1 }],
    ]);
    const quota = { pods: 3_000 };
    const bounded = planOf(planned([eu, us], [inPods({ replicas: 5 })], [{ name: 'default', quota }]));
    expect([bounded.placed, bounded.unplaced]).toMatchObject([3, [{ reason: 'QuotaExceeded', count: 2 }]]);
  });

  test.for(['hosts', 'groups', 'resources', 'maxPerHost'] as const)('say nothing of %s', (field) => {
    const value = { hosts: {}, groups: [{ name: 'g' }], resources: { memory: '1Mi' }, maxPerHost: 2 }[field];
    const { placed, unplaced } = planOf(planned([eu], [inPods({ [field]: value })]));
    expect([placed, unplaced]).toMatchObject([0, [{ reason: 'InvalidSpec', blockers: [field] }]]);
  });

  test('are explained by places for pods alone, and hosts by hosts', () => {
    const required = [{ matchExpressions: [{ key: 'no', operator: 'Exists' as const }] }];
    const snapshot = worldOf([eu, us], [inPods({ clusters: { required } }), actor({ hosts: { required } })]);
    const plan = place(snapshot);
    const told = (key: string): unknown => [planOf(plan, key).unplaced, explain(snapshot, plan, key)?.refused];
    expect(told('default/p')).toMatchObject([
      [{ reason: 'NoEligibleHost', blockers: ['ClusterTerms'], hosts: { ClusterTerms: 2 } }],
      [{ refusal: 'ClusterTerms', count: 2 }],
    ]);
    expect(told('default/app')).toMatchObject([
      [{ reason: 'NoEligibleHost', blockers: ['HostTerms'], hosts: { HostTerms: 2 } }],
      [{ refusal: 'HostTerms', count: 2 }],
    ]);
  });

  test('a host that takes the name of the pods is none', () => {
    const world = worldOf([member('eu-1', 'eu', [PODS_HOST])], []);
    expect(world.hosts).toMatchObject([{ name: PODS_HOST, isPods: true }]);
  });
});
