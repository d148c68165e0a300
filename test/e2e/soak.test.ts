import { assert, test } from 'vitest';
import { complaintsOf } from './soak/complaints.ts';
import { soak } from './soak/soak.ts';

const SECONDS = 60;

test('a minute of everything at once: nothing lost to updates, nothing left over', { timeout: 300_000 }, async () => {
  const complaints = complaintsOf(await soak(SECONDS), SECONDS);
  assert.deepEqual(complaints, [], complaints.join('; '));
});
