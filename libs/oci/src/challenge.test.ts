import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parseChallenge } from './challenge.ts';

const bearer = { scheme: 'bearer', realm: 'https://auth.test/token', service: undefined, scope: undefined };

test.for([
  ['Basic realm="x"', { scheme: 'basic' }],
  ['Bearer realm="https://auth.test/token"', bearer],
  [
    'Bearer realm="https://auth.test/token",service="registry.test", scope="repository:a/b:pull,push"',
    { ...bearer, service: 'registry.test', scope: 'repository:a/b:pull,push' },
  ],
  ['bearer realm=https://auth.test/token, service="with \\"quotes\\""', { ...bearer, service: 'with "quotes"' }],
  ['Bearer service="no realm"', undefined],
  ['Bearer realm="not a url"', undefined],
  ['Negotiate', undefined],
  ['', undefined],
] as const)('%s', ([header, want]) => {
  expect(parseChallenge(header)).toEqual(want);
});

test('any header is read or passed over', () => {
  assert(
    property(string(), (text) => {
      const challenge = parseChallenge(`Bearer realm="https://auth.test/" ${text}`);
      expect(challenge?.scheme).toBe('bearer');
    }),
  );
});
