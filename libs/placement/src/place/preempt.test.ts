import { expect, test } from 'vitest';
import { actor, countsOf, planOf, provider, slots, standing, twoClusters } from '../example.ts';
import { place } from './place.ts';

test('a port that a lower priority has is taken where that is allowed', () => {
  const low = provider({ replicas: 1 }, { name: 'low', ports: ['80'], current: standing({ 'eu/a': 1 }) });
  const high = provider({ replicas: 1, priority: 9, preemption: 'LowerPriority' }, { name: 'high', ports: ['80'] });
  const plan = place({ clusters: twoClusters, hosts: [slots('eu/a', 9)], distributions: [low, high] });
  expect(countsOf(planOf(plan, 'default/high'))).toEqual({ 'eu/a': 1 });
  expect(planOf(plan, 'default/low').placed).toBe(0);
});

test('a port that an equal priority has, or something that is not ours, is taken from nobody', () => {
  const low = provider({ replicas: 1, priority: 9 }, { name: 'low', ports: ['80'], current: standing({ 'eu/a': 1 }) });
  const high = provider({ replicas: 1, priority: 9, preemption: 'LowerPriority' }, { name: 'high', ports: ['80'] });
  const hosts = [slots('eu/a', 9), { ...slots('eu/b', 9), ports: ['80'] }];
  const plan = place({ clusters: twoClusters, hosts, distributions: [low, high] });
  expect(countsOf(planOf(plan, 'default/low'))).toEqual({ 'eu/a': 1 });
  expect(planOf(plan, 'default/high').placed).toBe(0);
});

test('who is refused by host makes way, and only on the host that is taken', () => {
  const beside = { required: [{ topologyKey: 'kubernetes.io/hostname', selector: { matchLabels: { app: 'low' } } }] };
  const low = actor(
    { replicas: 4 },
    { name: 'low', labels: { app: 'low' }, current: standing({ 'eu/a': 2, 'eu/b': 2 }) },
  );
  const high = actor({ replicas: 1, priority: 9, preemption: 'LowerPriority', antiAffinity: beside }, { name: 'high' });
  const plan = place({
    clusters: twoClusters,
    hosts: [slots('eu/a', 2), slots('eu/b', 2)],
    distributions: [low, high],
  });
  expect(planOf(plan, 'default/high').placed).toBe(1);
  expect(planOf(plan, 'default/low').placed).toBe(2);
  expect(Object.keys(countsOf(planOf(plan, 'default/low')))).toHaveLength(1);
});
