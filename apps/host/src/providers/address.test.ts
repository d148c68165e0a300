import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { AddressError, listenAddress } from './address.ts';

test.for([
  [{ address: '0.0.0.0:8080' }, { host: '0.0.0.0', port: 8080 }],
  [{ Address: ':9000' }, { host: '0.0.0.0', port: 9000 }],
  [{ address: '[::1]:80' }, { host: '::1', port: 80 }],
  [{ port: '81' }, { host: '0.0.0.0', port: 81 }],
  [{}, { host: '0.0.0.0', port: 8000 }],
] as const)('%j', ([config, want]) => {
  expect(listenAddress({ ...config })).toEqual(want);
});

test.for(['8080', 'a:b', '1.2.3.4:0', '1.2.3.4:70000', '[::1', 'x y:1:2'])('refuses %s', (address) => {
  expect(() => listenAddress({ address })).toThrow(AddressError);
});

/** The port, or the refusal. */
function portOf(address: string): number | Error {
  try {
    return listenAddress({ address }).port;
  } catch (error) {
    return error as Error;
  }
}

test('any text gives an address or an AddressError', () => {
  assert(
    property(string(), (address) => {
      const answer = portOf(address);
      expect(answer instanceof AddressError || Number.isInteger(answer)).toBe(true);
    }),
  );
});
