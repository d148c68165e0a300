import { labels } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { actor, countsOf, provider, slots, standing, twoClusters } from '../example.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Host } from '../model/snapshot.ts';
import { place } from './place.ts';

/** What stands where after one that preempts has come, by name. */
function after(distributions: readonly Distribution[], hosts: readonly Host[]) {
  const plan = place({ clusters: twoClusters, hosts, distributions });
  return Object.fromEntries(plan.distributions.map((one) => [one.key.replace('default/', ''), countsOf(one)]));
}

const taking = { priority: 9, preemption: 'LowerPriority' as const };
const refusing = (app: string, topologyKey: string = labels.hostname) => ({
  antiAffinity: { required: [{ topologyKey, selector: { matchLabels: { app } } }] },
});
const low = (spec: object = {}, counts: Record<string, number> = { 'eu/a': 2 }): Distribution =>
  actor({ replicas: 2, ...spec }, { name: 'low', labels: { app: 'low' }, current: standing(counts) });
const high = (spec: object): Distribution =>
  actor({ replicas: 1, ...taking, ...spec }, { name: 'high', labels: { app: 'high' } });

test('who is refused by host goes from there altogether, although there is room for both', () => {
  expect(after([low(), high(refusing('low'))], [slots('eu/a', 9)])).toEqual({ low: {}, high: { 'eu/a': 1 } });
  expect(after([low(refusing('high')), high({})], [slots('eu/a', 9)])).toEqual({ low: {}, high: { 'eu/a': 1 } });
});

test('who may not be taken away keeps his host closed', () => {
  expect(after([low({ suspend: true }), high(refusing('low'))], [slots('eu/a', 9)])).toEqual({
    low: { 'eu/a': 2 },
    high: {},
  });
  expect(after([low({ priority: 9 }), high(refusing('low'))], [slots('eu/a', 9)])).toEqual({
    low: { 'eu/a': 2 },
    high: {},
  });
});

test('a refusal over more than a host is not cleared by taking from one', () => {
  const inZone = (path: string): Host => slots(path, 9, 'r', 'z');
  const zonal = { ...refusing('low', labels.zone) };
  expect(after([low(), high(zonal)], [inZone('eu/a'), inZone('eu/b')])).toEqual({ low: { 'eu/a': 2 }, high: {} });
});

test('of one that refuses itself by host, one is placed on each', () => {
  const self = { replicas: 3, ...refusing('high') };
  const both = after([low({}, { 'eu/a': 1, 'us/b': 1 }), high(self)], [slots('eu/a', 1), slots('us/b', 1)]);
  expect(both).toEqual({ low: {}, high: { 'eu/a': 1, 'us/b': 1 } });
});

test('ports that others need not share are left alone', () => {
  const holding = (name: string, ports: string[], path: string) =>
    provider({ replicas: 1 }, { name, ports, current: standing({ [path]: 1 }) });
  const wants = provider({ replicas: 1, ...taking }, { name: 'wants', ports: ['80'] });
  expect(after([holding('web', ['80'], 'eu/a'), holding('db', ['5432'], 'eu/a'), wants], [slots('eu/a', 9)])).toEqual({
    db: { 'eu/a': 1 },
    wants: { 'eu/a': 1 },
    web: {},
  });
});
