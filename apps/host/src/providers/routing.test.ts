import type { LinkObject } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { routingOf } from './routing.ts';

const linkOf = (name: string): LinkObject => ({
  apiVersion: 'kasmcloud.io/v1alpha1',
  kind: 'WasmCloudLink',
  metadata: { name, namespace: 'shop' },
  spec: { source: 'http', target: name, witNamespace: 'wasi', witPackage: 'http', interfaces: ['incoming-handler'] },
});

/** Addresses with the routes behind them, and why links are refused, in words. */
const told = (own: Record<string, string>, links: Record<string, Record<string, string>>): unknown => {
  const { sites, refused } = routingOf(
    own,
    Object.keys(links).map(linkOf),
    ({ metadata }) => links[metadata.name] ?? {},
  );
  return {
    sites: Object.fromEntries(
      sites.map(({ address, routes }) => [
        `${address.host}:${address.port}`,
        routes.map(({ link, match }) => [link.metadata.name, Object.values(match).join(' ')]),
      ]),
    ),
    refused: refused.map(({ link, error }) => `${link.metadata.name}: ${error instanceof Error ? error.message : ''}`),
  };
};

test.for([
  [
    'each link has an address of its own',
    {},
    { a: { address: '0.0.0.0:81' }, b: { port: '82' }, c: { address: '0.0.0.0:81' } },
    { '0.0.0.0:81': [['a', 'all']], '0.0.0.0:82': [['b', 'all']] },
    ["c: address 0.0.0.0:81 is link shop/a's already"],
  ],
  [
    'links share an address by path',
    { ROUTING_MODE: 'path', default_address: '127.0.0.1:90' },
    { a: { path: '/a' }, b: { Path: '/b' }, c: { path: '/a' }, d: { path: 'x' }, e: {} },
    {
      '127.0.0.1:90': [
        ['a', 'path /a'],
        ['b', 'path /b'],
      ],
    },
    [
      "c: path /a is link shop/a's already",
      'd: path: "x" does not begin with /',
      "e: path: the link's config must have one",
    ],
  ],
  [
    'links share an address by host name',
    { routing_mode: 'host' },
    { a: { host: 'a.example' }, b: { host: 'b.example:8000' } },
    {
      '0.0.0.0:8000': [
        ['a', 'header host a.example'],
        ['b', 'header host b.example:8000'],
      ],
    },
    [],
  ],
  [
    'another header names the site',
    { routing_mode: 'host', header: 'X-Site' },
    { a: { host: 'one' } },
    { '0.0.0.0:8000': [['a', 'header x-site one']] },
    [],
  ],
  [
    'a mode that there is not',
    { routing_mode: 'colour' },
    { a: {} },
    {},
    ['a: routing_mode: "colour" is not address, path or host'],
  ],
] as const)('%s', ([, own, links, sites, refused]) => {
  expect(told({ ...own }, { ...links })).toEqual({ sites, refused });
});
