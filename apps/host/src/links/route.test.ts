import { typeMeta, WasmCloudLink, type LinkObject, type LinkSpec } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { findLink, linksFrom, parseInterface } from './route.ts';

const link = (name: string, spec: Partial<LinkSpec>): LinkObject => ({
  ...typeMeta(WasmCloudLink),
  metadata: { name, namespace: 'shop' },
  spec: {
    source: 'a',
    target: 'b',
    witNamespace: 'wasi',
    witPackage: 'http',
    interfaces: ['incoming-handler'],
    ...spec,
  },
});

test.for([
  ['wasi:http/incoming-handler@0.2.2', { namespace: 'wasi', package: 'http', interface: 'incoming-handler' }],
  ['example:greet/greeter', { namespace: 'example', package: 'greet', interface: 'greeter' }],
  ['greet', undefined],
  ['wasi:http', undefined],
] as const)('%s', ([name, want]) => {
  expect(parseInterface(name)).toEqual(want);
});

const handler = { namespace: 'wasi', package: 'http', interface: 'incoming-handler' };

test('a link is found by source, interface and link name', () => {
  const links = [link('other', { source: 'x' }), link('named', { name: 'backup', target: 'c' }), link('plain', {})];
  expect(findLink(links, 'a', handler)?.spec.target).toBe('b');
  expect(findLink(links, 'a', handler, 'backup')?.spec.target).toBe('c');
  expect(findLink(links, 'a', { ...handler, interface: 'types' })).toBeUndefined();
});

test('of two that both fit, the same one is found whatever their order', () => {
  const links = [link('z', { target: 'late' }), link('m', { target: 'early' })];
  expect(findLink(links, 'a', handler)?.spec.target).toBe('early');
  expect(findLink(links.toReversed(), 'a', handler)?.spec.target).toBe('early');
  expect(linksFrom(links, 'a', handler).map(({ spec }) => spec.target)).toEqual(['early', 'late']);
});
