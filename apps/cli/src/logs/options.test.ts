import { expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { natsUrlOf } from './nats-url.ts';
import { parseLogsOptions } from './options.ts';

const raw = { namespace: 'shop', state: '.kasmcloud' };

test('what kubectl users know is read as they know it', () => {
  expect(parseLogsOptions('web', { ...raw, since: '1m30s', tail: '20', follow: true })).toMatchObject({
    actor: 'web',
    lattice: 'shop',
    sinceMs: 90_000,
    tail: 20,
    follow: true,
  });
  expect(parseLogsOptions('web', { ...raw, tail: '-1' }).tail).toBeUndefined();
});

test.for([
  ['web', { since: '5' }, '--since: "5" is not a duration'],
  ['web', { tail: 'all' }, '--tail: "all" is not a number'],
  ['a.b', {}, 'ACTOR: "a.b" is not a name'],
  ['web', { namespace: '>' }, '--namespace: ">" is not a name'],
] as const)('%s with %j is refused', ([actor, options, message]) => {
  expect(() => parseLogsOptions(actor, { ...raw, ...options })).toThrow(UserError);
  expect(() => parseLogsOptions(actor, { ...raw, ...options })).toThrow(message);
});

test('NATS is the one that was named, or that of a running kasm up', async () => {
  expect(await natsUrlOf({ natsUrl: 'nats://a:1', state: 'x' }, '/nowhere')).toBe('nats://a:1');
  await expect(natsUrlOf({ state: 'x' }, '/nowhere')).rejects.toThrow('/nowhere/x is not the state of a `kasm up`');
});
