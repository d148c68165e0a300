import { expect, test } from 'vitest';
import { CapabilityConfigError } from '../capability.ts';
import { AllowList, isSpecialAddress } from './allow-list.ts';

test.for([
  [undefined, 'example.com', 443, false],
  ['*', 'example.com', 443, false],
  ['api.example.com', 'api.example.com', 443, true],
  ['API.example.com', 'api.example.com', 443, true],
  ['api.example.com', 'example.com', 443, undefined],
  ['api.example.com', 'evil-api.example.com', 443, undefined],
  ['*.example.com', 'api.example.com', 443, false],
  ['*.example.com', 'a.b.example.com', 443, false],
  ['*.example.com', 'example.com', 443, undefined],
  ['*.example.com', 'badexample.com', 443, undefined],
  ['localhost:8080', 'localhost', 8080, true],
  ['localhost:8080', 'localhost', 80, undefined],
  ['*:443', 'example.com', 443, false],
  ['*:443', 'example.com', 80, undefined],
  ['*, 127.0.0.1', '127.0.0.1', 80, true],
  ['[::1]:80', '[::1]', 80, true],
  ['', 'example.com', 443, undefined],
] as const)('%s: %s port %s', ([list, host, port, isNamed]) => {
  expect(new AllowList(list, 'shop/web').permission(host, port)?.isNamed).toBe(isNamed);
});

test.for(['a b', 'http://a', 'a*.b', 'a:b', '**'])('%s is refused, with the link', (list) => {
  expect(() => new AllowList(list, 'shop/web')).toThrow(CapabilityConfigError);
  expect(() => new AllowList(list, 'shop/web')).toThrow('link shop/web');
});

test.for(['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '0.0.0.0', 'x'])(
  '%s is special',
  (address) => {
    expect(isSpecialAddress(address)).toBe(true);
  },
);

test.for(['1.1.1.1', '8.8.8.8', '2606:4700::1111', '::ffff:1.1.1.1'])('%s is public', (address) => {
  expect(isSpecialAddress(address)).toBe(false);
});
