import { labels } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { actor, countsOf, host, placeOne } from '../example.ts';

test('packed, an entry by host that blocks still spreads over hosts', () => {
  const spread = [{ topologyKey: labels.hostname, whenUnsatisfiable: 'Block' as const }];
  const plan = placeOne(actor({ replicas: 6, mode: 'Pack', spread }), [host('eu/a'), host('eu/b'), host('eu/c')]);
  expect(countsOf(plan)).toEqual({ 'eu/a': 2, 'eu/b': 2, 'eu/c': 2 });
});
