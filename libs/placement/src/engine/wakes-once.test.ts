import { expect, test } from 'vitest';
import { actor, cluster, host, standing } from '../example.ts';
import { place } from '../place/place.ts';
import { Engine } from './engine.ts';

test('one at rest from which two hosts are taken is woken once', () => {
  const on = (path: string, labels: Record<string, string>) => host(path, { allocatable: { instances: 2 }, labels });
  const clusters = [cluster('eu'), cluster('us')];
  const hosts = [on('eu/a', { ssd: '' }), on('us/b', { ssd: '' }), on('us/c', {}), on('us/d', {})];
  const web = actor({ replicas: 4 }, { name: 'web', current: standing({ 'eu/a': 2, 'us/b': 2 }) });
  const ssd = { required: [{ matchExpressions: [{ key: 'ssd', operator: 'Exists' as const }] }] };
  const first = actor({ replicas: 4, priority: 9, preemption: 'LowerPriority', hosts: ssd }, { name: 'first' });
  const engine = new Engine({ clusters, hosts, distributions: [web] });
  const plan = engine.apply({ distributions: [first] });
  expect(plan).toEqual(place({ clusters, hosts, distributions: [web, first] }));
  const more = actor({ replicas: 9 }, { name: 'more' });
  engine.apply({ removed: { distributions: ['default/first', 'default/web'] }, distributions: [more] });
  expect(engine.plan()).toEqual(place({ clusters, hosts, distributions: [more] }));
});
