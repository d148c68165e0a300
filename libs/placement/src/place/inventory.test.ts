import { DEFAULT_HOST_INSTANCES, labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, host, standing } from '../example.ts';
import type { Host } from '../model/snapshot.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import { stoodAs, stoodIn } from './standing.ts';
import { holdingOf } from './holding.ts';

const hosts = [host('us/b'), host('eu/z'), host('us/a'), host('nowhere/x')];
const clusters = [cluster('us'), cluster('eu')];
const inventory = takeInventory({ clusters, hosts, distributions: [] });
const pathsOf = ({ hosts: views }: Inventory): string[] => views.map((one) => `${one.cluster.name}/${one.name}`);

test('hosts are numbered by cluster, then name; those of no cluster are left out', () => {
  expect(pathsOf(inventory)).toEqual(['eu/z', 'us/a', 'us/b']);
  expect(inventory.hosts.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect([...inventory.clusters]).toEqual([0, 1, 1]);
  expect([...inventory.within('us')]).toEqual([1, 2]);
  expect([...inventory.within('none')]).toEqual([]);
  expect(inventory.find('us', 'b')?.index).toBe(2);
  expect([inventory.find('eu', 'b'), inventory.find('none', 'b')]).toEqual([undefined, undefined]);
});

test('a single replica is always told by the same object', () => {
  expect(inventory.single(1)).toEqual({ cluster: 'us', hosts: [{ host: 'a', replicas: 1 }] });
  expect(inventory.single(1)).toBe(inventory.single(1));
});

describe('a host', () => {
  const view = (rest: Partial<Host>, inside = cluster('eu')) =>
    takeInventory({ clusters: [inside], hosts: [host('eu/a', rest)], distributions: [] }).hosts[0];

  test('has its own labels, its name and its cluster', () => {
    const one = view({ labels: { zone: 'z', [labels.cluster]: 'wrong' } });
    expect(one?.labels).toEqual({ [labels.hostname]: 'a', zone: 'z', [labels.cluster]: 'eu' });
    expect([one?.domain('zone'), one?.domain('none'), one?.domain(labels.hostname)]).toEqual(['z', undefined, 'eu/a']);
  });

  test("has its cluster's taints before its own", () => {
    const own = { key: 'own', effect: 'NoSchedule' as const };
    const shared = { key: 'shared', effect: 'NoExecute' as const };
    expect(view({ taints: [own] }, cluster('eu', { taints: [shared] }))?.taints).toEqual([shared, own]);
    expect(view({ taints: [own] })?.taints).toEqual([own]);
  });

  test('takes as many instances as it says, or the usual number', () => {
    expect(view({})?.allocatable).toEqual({ instances: DEFAULT_HOST_INSTANCES });
    expect(view({ allocatable: { instances: 3, memory: 5 } })?.allocatable).toEqual({ instances: 3, memory: 5 });
    expect([view({})?.ports, view({ ports: ['80'] })?.ports]).toEqual([[], ['80']]);
  });
});

describe('classes', () => {
  const cases: [name: string, rest: Partial<Host>][] = [
    ['state', { state: 'Suspect' }],
    ['a cordon', { unschedulable: true }],
    ['taints', { taints: [{ key: 'x', effect: 'NoSchedule' }] }],
    ['lattices', { lattices: ['shop'] }],
    ['no lattice', { lattices: [] }],
    ['interfaces', { interfaces: ['a:b/c'] }],
    ['a label that is asked for', { labels: { zone: 'z' } }],
  ];
  test.for(cases)('tell hosts apart by %s', ([, rest]) => {
    const two = takeInventory({ clusters, hosts: [host('eu/a'), host('eu/b', rest)], distributions: [] });
    expect(two.classesBy(['zone']).members).toHaveLength(2);
  });

  test('do not tell them apart by anything else', () => {
    const other = host('eu/b', { labels: { rack: 'r' }, allocatable: { memory: 1 }, foreign: { memory: 1 } });
    const two = takeInventory({ clusters, hosts: [host('eu/a'), other], distributions: [] });
    expect(two.classesBy(['zone']).members.map((numbers) => [...numbers])).toEqual([[0, 1]]);
    expect(
      takeInventory({ clusters, hosts: [host('eu/a'), host('us/a')], distributions: [] }).classesBy([]).members,
    ).toHaveLength(2);
  });

  test('are worked out once for the same labels, and anew when a host changes', () => {
    const two = takeInventory({ clusters, hosts: [host('eu/a'), host('eu/b')], distributions: [] });
    const before = two.classesBy(['x', 'y', 'x']);
    expect(two.classesBy(['y', 'x'])).toBe(before);
    expect(before.members).toHaveLength(1);
    const [first] = two.hosts;
    if (first === undefined) throw new Error('there are two hosts');
    two.replace({ ...first, unschedulable: true });
    expect(two.classesBy(['x', 'y']).members).toHaveLength(2);
    expect(two.hosts[0]?.unschedulable).toBe(true);
  });

  test('columns are worked out once', () => {
    expect(inventory.column(labels.hostname)).toBe(inventory.column(labels.hostname));
    expect([...inventory.column(labels.cluster).ids]).toEqual([1, 2, 2]);
  });
});

describe('ghosts', () => {
  const ghostly = actor({}, { current: standing({ 'eu/ghost': 1, 'us/ghost': 1, 'eu/z': 1, 'none/x': 1 }) });

  test('are hosts that only what stands in an unreachable cluster names', () => {
    const seen = takeInventory({
      clusters: [cluster('us'), cluster('eu', { reach: 'Unreachable', labels: { tier: 'gold' } })],
      hosts,
      distributions: [ghostly, ghostly],
    });
    expect(pathsOf(seen)).toEqual(['eu/ghost', 'eu/z', 'us/a', 'us/b']);
    expect(seen.hosts.map(({ ghost }) => ghost)).toEqual([true, false, false, false]);
    expect(seen.hosts[0]).toMatchObject({ state: 'Unknown', lattices: ['*'], unschedulable: false });
    expect(seen.hosts[0]?.labels['tier']).toBe('gold');
  });

  test('are nowhere in a cluster that can be reached, or is lost', () => {
    for (const reach of ['Reachable', 'Lost'] as const) {
      const seen = takeInventory({
        clusters: [cluster('us'), cluster('eu', { reach })],
        hosts,
        distributions: [ghostly],
      });
      expect(pathsOf(seen)).toEqual(['eu/z', 'us/a', 'us/b']);
    }
  });
});

describe('what stood', () => {
  test('is added up by host; what is on no host is counted apart', () => {
    const stood = stoodIn(
      [
        { cluster: 'us', host: 'b', replicas: 2, failed: 1 },
        { cluster: 'eu', host: 'z', replicas: 1.2, returned: 3 },
        { cluster: 'us', host: 'b', replicas: 1, failed: 1 },
        { cluster: 'us', host: 'gone', replicas: 4, failed: 1, returned: 2 },
        { cluster: 'us', host: 'a', replicas: 0, failed: 2, returned: 1 },
        { cluster: 'us', host: 'a', replicas: NaN },
        { cluster: 'us', host: 'a', replicas: -1 },
      ],
      inventory,
    );
    expect([...stood.where]).toEqual([
      [0, 2],
      [2, 3],
    ]);
    expect(stood.nowhere).toBe(4);
    expect([...stood.failed]).toEqual([[2, 2]]);
    expect([...stood.returned]).toEqual([
      [0, 3],
      [1, 1],
    ]);
  });

  test('is nothing at first, and what was planned afterwards', () => {
    const nothing = stoodIn([], inventory);
    expect([nothing.where.size, nothing.nowhere, nothing.failed.size, nothing.returned.size]).toEqual([0, 0, 0, 0]);
    const where = holdingOf([[1, 2]]);
    expect(stoodAs(where)).toEqual({ ...nothing, where });
  });

  test('is no more than can be counted', () => {
    const stood = stoodIn([{ cluster: 'us', host: 'b', replicas: Infinity, returned: Infinity }], inventory);
    expect([stood.where.sum, stood.returned.sum]).toEqual([1e9, 1e9]);
  });
});
