import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readToken } from './account-token.ts';

const tokenOf = (payload: unknown): string =>
  ['{}', JSON.stringify(payload), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');

test('a token of an account tells whose it is and how long it lasts', () => {
  const token = tokenOf({ sub: 'system:serviceaccount:kasmcloud-system:kasmcloud-member', iat: 1_000, exp: 4_600 });
  expect(readToken(token)).toEqual({
    account: { name: 'kasmcloud-member', namespace: 'kasmcloud-system' },
    issuedMs: 1_000_000,
    expiresMs: 4_600_000,
  });
});

test('any other tells nothing', () => {
  for (const token of ['', 'abc', 'a.b.c', tokenOf(null), tokenOf({ sub: 'jane', iat: 1, exp: 2 })])
    expect(readToken(token)).toBeUndefined();
  expect(readToken(tokenOf({ sub: 'system:serviceaccount:a:b', iat: 1 }))).toBeUndefined();
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (text, value) => void [readToken(text), readToken(tokenOf(value))]),
  );
});
