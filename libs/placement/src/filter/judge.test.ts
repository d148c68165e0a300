import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { actor, cluster, host, standing } from '../example.ts';
import type { Cluster, Host } from '../model/snapshot.ts';
import { takeInventory } from '../place/inventory.ts';
import { codeOf, FILTERS, judge, VERDICTS, type Verdict } from './verdict.ts';

const exists = (key: string) => ({ matchExpressions: [{ key, operator: 'Exists' as const }] });
const taint = (effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule') => ({ taints: [{ key: 'x', effect }] });

interface Case {
  readonly name: string;
  readonly spec?: Omit<DistributionSpec, 'actor' | 'provider'>;
  readonly host?: Partial<Host>;
  readonly cluster?: Partial<Cluster>;
  readonly want: Verdict;
}

const open: Verdict = { use: 'Open', frozen: false, filter: undefined };
const out = (filter: Verdict['filter'], frozen = false): Verdict => ({ use: 'Out', frozen, filter });
const keep = (filter: Verdict['filter'], frozen = false): Verdict => ({ use: 'Keep', frozen, filter });
const full = (filter: Verdict['filter'], frozen = false): Verdict => ({ use: 'Full', frozen, filter });

const cases: Case[] = [
  { name: 'a ready host', want: open },
  { name: 'a lost host', host: { state: 'Lost' }, want: out('HostLost') },
  {
    name: 'a lost host of an unreachable cluster',
    host: { state: 'Lost' },
    cluster: { reach: 'Unreachable' },
    want: out('HostLost'),
  },
  { name: 'a lost cluster', cluster: { reach: 'Lost' }, want: out('ClusterLost') },
  {
    name: 'an unknown host of a lost cluster',
    host: { state: 'Unknown' },
    cluster: { reach: 'Lost' },
    want: out('ClusterLost'),
  },
  { name: 'another lattice', host: { lattices: ['shop'] }, want: out('Lattice') },
  { name: 'its lattice', host: { lattices: ['shop', 'default'] }, want: open },
  { name: 'another lattice, unknown', host: { lattices: ['shop'], state: 'Unknown' }, want: out('Lattice', true) },
  {
    name: 'a cluster without the label',
    spec: { clusters: { required: [exists('gold')] } },
    want: out('ClusterTerms'),
  },
  {
    name: 'a cluster with it',
    spec: { clusters: { required: [exists('gold')] } },
    cluster: { labels: { gold: '' } },
    want: open,
  },
  {
    name: 'a cluster of no tier',
    spec: { clusters: { tiers: [{ name: 'a', required: [exists('gold')] }] } },
    want: out('Tiers'),
  },
  {
    name: 'a cluster of the second tier',
    spec: {
      clusters: {
        tiers: [
          { name: 'a', required: [exists('gold')] },
          { name: 'b', required: [exists('iron')] },
        ],
      },
    },
    cluster: { labels: { iron: '' } },
    want: open,
  },
  { name: 'a host without the label', spec: { hosts: { required: [exists('ssd')] } }, want: out('HostTerms') },
  {
    name: 'a host without an interface',
    spec: { hosts: { interfaces: ['a:b/c', 'a:b/d'] } },
    host: { interfaces: ['a:b/c'] },
    want: out('Interfaces'),
  },
  {
    name: 'any version of an interface',
    spec: { hosts: { interfaces: ['a:b/c'] } },
    host: { interfaces: ['a:b/c@1.0.0'] },
    want: open,
  },
  {
    name: 'an interface of a longer name',
    spec: { hosts: { interfaces: ['a:b/c'] } },
    host: { interfaces: ['a:b/cd@1.0.0'] },
    want: out('Interfaces'),
  },
  {
    name: 'the version of an interface',
    spec: { hosts: { interfaces: ['a:b/c@1.0.0'] } },
    host: { interfaces: ['x:y/z', 'a:b/c@1.0.0'] },
    want: open,
  },
  {
    name: 'a longer version',
    spec: { hosts: { interfaces: ['a:b/c@1.0.0'] } },
    host: { interfaces: ['a:b/c@1.0.0@2'] },
    want: out('Interfaces'),
  },
  { name: 'a host of no group', spec: { groups: [{ name: 'a', requirements: { ssd: 'yes' } }] }, want: out('Groups') },
  {
    name: 'a host of one group',
    spec: {
      groups: [
        { name: 'a', requirements: { ssd: 'yes' } },
        { name: 'b', requirements: { hdd: 'yes' } },
      ],
    },
    host: { labels: { hdd: 'yes' } },
    want: open,
  },
  { name: 'a taint that evicts', host: taint('NoExecute'), want: out('TaintNoExecute') },
  { name: 'a taint that refuses', host: taint('NoSchedule'), want: keep('TaintNoSchedule') },
  { name: 'a taint that prefers not to', host: taint('PreferNoSchedule'), want: open },
  {
    name: 'a cordoned cluster',
    cluster: { unschedulable: true },
    host: { unschedulable: true },
    want: keep('ClusterCordoned'),
  },
  { name: 'a cordoned host', host: { unschedulable: true }, want: keep('HostCordoned') },
  {
    name: 'a cordoned host, unknown',
    host: { unschedulable: true, state: 'Unknown' },
    want: keep('HostCordoned', true),
  },
  {
    name: 'no label of an entry that blocks',
    spec: { spread: [{ topologyKey: labels.zone, whenUnsatisfiable: 'Block' }] },
    want: keep('SpreadLabel'),
  },
  { name: 'no label of an entry that prefers', spec: { spread: [{ topologyKey: labels.zone }] }, want: open },
  {
    name: 'the label of an entry that blocks',
    spec: { spread: [{ topologyKey: labels.zone, whenUnsatisfiable: 'Block' }] },
    host: { labels: { [labels.zone]: 'z' } },
    want: open,
  },
  { name: 'an unreachable cluster', cluster: { reach: 'Unreachable' }, want: full('ClusterUnreachable', true) },
  {
    name: 'an unreachable cluster, cordoned',
    cluster: { reach: 'Unreachable', unschedulable: true },
    want: keep('ClusterCordoned', true),
  },
  { name: 'an unknown host', host: { state: 'Unknown' }, want: full('HostUnknown', true) },
  { name: 'a suspect host', host: { state: 'Suspect' }, want: full('HostSuspect') },
];

test.for(cases)('$name', ({ spec = {}, host: ofHost, cluster: ofCluster, want }) => {
  const [view] = takeInventory({
    clusters: [cluster('eu', ofCluster)],
    hosts: [host('eu/a', ofHost)],
    distributions: [],
  }).hosts;
  if (view === undefined) throw new Error('there is a host');
  expect(judge(actor(spec), view)).toEqual(want);
});

test('a host that only a Placement names stands, whatever is asked of hosts', () => {
  const picky = actor({ hosts: { required: [exists('ssd')] } }, { current: standing({ 'eu/ghost': 1 }) });
  const [ghost] = takeInventory({
    clusters: [cluster('eu', { reach: 'Unreachable', taints: [{ key: 'x', effect: 'NoExecute' }] })],
    hosts: [],
    distributions: [picky],
  }).hosts;
  if (ghost === undefined) throw new Error('there is a ghost');
  expect(judge(picky, ghost)).toEqual(full('ClusterUnreachable', true));
});

test('every verdict has its number', () => {
  expect(VERDICTS).toHaveLength((FILTERS.length + 1) * 8);
  for (const [code, verdict] of VERDICTS.entries()) expect(codeOf(verdict)).toBe(code);
});
