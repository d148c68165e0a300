import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, placeOne } from '../example.ts';
import type { Cluster, Host } from '../model/snapshot.ts';
import { reachUnder, stateUnder } from './verdict.ts';

describe('which hosts take a replica', () => {
  const cases: {
    name: string;
    spec: Omit<DistributionSpec, 'actor'>;
    hosts: Host[];
    clusters?: Cluster[];
    want: string[];
  }[] = [
    { name: 'any ready host', spec: {}, hosts: [host('eu/a')], want: ['eu/a'] },
    {
      name: 'only one that serves the lattice',
      spec: {},
      hosts: [host('eu/a', { lattices: ['other'] }), host('eu/b', { lattices: ['default'] })],
      want: ['eu/b'],
    },
    { name: 'no host without a lattice', spec: {}, hosts: [host('eu/a', { lattices: [] })], want: [] },
    {
      name: 'no cordoned host',
      spec: {},
      hosts: [host('eu/a', { unschedulable: true }), host('eu/b')],
      want: ['eu/b'],
    },
    {
      name: 'no host of a cordoned cluster',
      spec: {},
      hosts: [host('eu/a'), host('us/b')],
      clusters: [cluster('eu', { unschedulable: true }), cluster('us')],
      want: ['us/b'],
    },
    {
      name: 'no suspect, lost or unknown host',
      spec: {},
      hosts: [
        host('eu/a', { state: 'Suspect' }),
        host('eu/b', { state: 'Lost' }),
        host('eu/c', { state: 'Unknown' }),
        host('us/d'),
      ],
      want: ['us/d'],
    },
    {
      name: 'no host of an unreachable cluster',
      spec: {},
      hosts: [host('eu/a'), host('us/b')],
      clusters: [cluster('eu', { reach: 'Unreachable' }), cluster('us')],
      want: ['us/b'],
    },
    {
      name: 'In',
      spec: { hosts: { required: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }] } },
      hosts: [host('eu/a'), host('eu/b', { labels: { disk: 'ssd' } })],
      want: ['eu/b'],
    },
    {
      name: 'Gt',
      spec: { hosts: { required: [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] }] } },
      hosts: [host('eu/a', { labels: { cores: '4' } }), host('eu/b', { labels: { cores: '16' } })],
      want: ['eu/b'],
    },
    {
      name: 'a cluster term by name',
      spec: {
        clusters: { required: [{ matchExpressions: [{ key: labels.cluster, operator: 'In', values: ['us'] }] }] },
      },
      hosts: [host('eu/a'), host('us/b')],
      want: ['us/b'],
    },
    {
      name: 'an untolerated taint keeps away',
      spec: {},
      hosts: [host('eu/a', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }), host('eu/b')],
      want: ['eu/b'],
    },
    {
      name: 'a tolerated taint does not',
      spec: { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      hosts: [host('eu/a', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })],
      want: ['eu/a'],
    },
    {
      name: 'a taint of the cluster is one of its hosts',
      spec: {},
      hosts: [host('eu/a'), host('us/b')],
      clusters: [cluster('eu', { taints: [{ key: 'x', effect: 'NoExecute' }] }), cluster('us')],
      want: ['us/b'],
    },
    {
      name: 'PreferNoSchedule only comes last',
      spec: {},
      hosts: [host('eu/a', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }), host('eu/b')],
      want: ['eu/b'],
    },
    {
      name: 'an interface that the host offers, any version',
      spec: { hosts: { interfaces: ['wasi:keyvalue/store'] } },
      hosts: [host('eu/a'), host('eu/b', { interfaces: ['wasi:keyvalue/store@0.2.0-draft'] })],
      want: ['eu/b'],
    },
    {
      name: 'another version is another interface',
      spec: { hosts: { interfaces: ['wasi:keyvalue/store@0.2.1'] } },
      hosts: [host('eu/b', { interfaces: ['wasi:keyvalue/store@0.2.0'] })],
      want: [],
    },
    {
      name: 'a preferred label',
      spec: { hosts: { preferred: [{ weight: 5, matchExpressions: [{ key: 'disk', operator: 'Exists' }] }] } },
      hosts: [host('eu/a'), host('us/b', { labels: { disk: 'ssd' } })],
      want: ['us/b'],
    },
    {
      name: 'a preferred cluster against a disliked host',
      spec: {
        clusters: {
          preferred: [{ weight: 5, matchExpressions: [{ key: labels.cluster, operator: 'In', values: ['eu'] }] }],
        },
        hosts: { preferred: [{ weight: -9, matchExpressions: [{ key: 'old', operator: 'Exists' }] }] },
      },
      hosts: [host('eu/a', { labels: { old: '' } }), host('us/b')],
      want: ['us/b'],
    },
  ];
  test.for(cases)('$name', ({ spec, hosts, clusters, want }) => {
    const plan = placeOne(actor({ replicas: 1, ...spec }), hosts, clusters);
    expect(Object.keys(countsOf(plan))).toEqual(want);
    expect(plan.placed + plan.unplaced.reduce((sum, { count }) => sum + count, 0)).toBe(1);
  });
});

describe('a patience of its own', () => {
  const none = { hostMs: undefined, clusterMs: undefined };
  test.each([
    { what: 'less than everybody', hostMs: 5_000, state: 'Suspect', silentMs: 5_000, want: 'Lost' },
    { what: 'not over yet', hostMs: 5_000, state: 'Suspect', silentMs: 0, want: 'Suspect' },
    { what: 'more than everybody', hostMs: 90_000, state: 'Lost', silentMs: 0, want: 'Suspect' },
    { what: 'over at last', hostMs: 90_000, state: 'Lost', silentMs: 90_000, want: 'Lost' },
    { what: 'with a host that is held', hostMs: 5_000, state: 'Unknown', silentMs: 5_000, want: 'Unknown' },
    { what: 'with a host that is said to be lost', hostMs: 90_000, state: 'Lost', silentMs: undefined, want: 'Lost' },
    { what: 'with a good host', hostMs: 0, state: 'Ready', silentMs: 0, want: 'Ready' },
  ] as const)('$what', ({ hostMs, state, silentMs, want }) => {
    expect(stateUnder({ ...none, hostMs }, state, silentMs)).toBe(want);
    expect(stateUnder(none, state, silentMs)).toBe(state);
  });

  test.each([
    { what: 'less than everybody', reach: 'Unreachable', silentMs: 5_000, want: 'Lost' },
    { what: 'more than everybody', reach: 'Lost', silentMs: 0, want: 'Unreachable' },
    { what: 'with a cluster that is said to be lost', reach: 'Lost', silentMs: undefined, want: 'Lost' },
    { what: 'with one that answers', reach: 'Reachable', silentMs: 9_000, want: 'Reachable' },
  ] as const)('with clusters: $what', ({ reach, silentMs, want }) => {
    expect(reachUnder({ ...none, clusterMs: 5_000 }, reach, silentMs)).toBe(want);
    expect(reachUnder(none, reach, silentMs)).toBe(reach);
  });
});
