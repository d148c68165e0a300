import { expect, test } from 'vitest';
import { LinkError } from './error.ts';
import type { InterfaceRef } from './inspect.ts';
import { checkImports } from './link.ts';

const refOf = (name: string, ...functions: string[]): InterfaceRef => ({
  name,
  functions: functions.map((func) => ({ name: func, type: { params: [] } })),
  resources: [],
  types: [],
});

const config = refOf('wasi:config/store@0.2.0-draft', 'get', 'get-all');
const counter = refOf('acme:shop/counter', 'count');

test('what a host does not provide is missing, whatever another host provides', () => {
  checkImports([config, counter], () => true);
  expect(() => checkImports([config, counter], () => false)).toThrow(new LinkError(['acme:shop/counter.count']));
  checkImports([config, counter], () => true);
});

test('what the workers lack is missing each time', () => {
  const lacking = refOf('wasi:config/store@0.2.0-draft', 'get', 'forget');
  for (let look = 0; look < 2; look++) {
    expect(() => checkImports([config, lacking], () => true)).toThrow(
      new LinkError(['wasi:config/store@0.2.0-draft.forget']),
    );
  }
});
