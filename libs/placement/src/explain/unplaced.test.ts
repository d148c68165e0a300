import { expect, test } from 'vitest';
import { actor, host, placeOne } from '../example.ts';

test('NoEligibleHost names all that stands in the way', () => {
  const plan = placeOne(actor({ replicas: 1 }), [
    host('eu/a', { unschedulable: true, state: 'Suspect', allocatable: { instances: 0 } }),
  ]);
  expect(plan.unplaced[0]?.blockers).toEqual(['HostCordoned', 'HostSuspect', 'resources.instances']);
});
