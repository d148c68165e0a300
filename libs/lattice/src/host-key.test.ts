import { createUser } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { createHostKey, HostKeyError, hostKeyFromSeed } from './host-key.ts';

test('a key that was kept is the same identity', () => {
  const key = createHostKey();
  expect(key.publicKey).toMatch(/^N[A-Z2-7]{55}$/);
  expect(hostKeyFromSeed(`${key.seed}\n`)).toEqual(key);
});

test.for([
  ['nothing', ''],
  ['garbage', 'SNNOTASEED'],
  ['the key of a user', new TextDecoder().decode(createUser().getSeed())],
] as const)('%s is refused without repeating it', ([, seed]) => {
  expect(() => hostKeyFromSeed(seed)).toThrow(HostKeyError);
});
