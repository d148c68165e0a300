import { annotations, QUOTA_PREFIX } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { readNamespace } from './namespace.ts';
import { hostPorts, type ListeningLink } from './ports.ts';

describe('the bounds of a namespace', () => {
  test('are its annotations', () => {
    const own = {
      [annotations.maxPriority]: '100',
      [`${QUOTA_PREFIX}memory`]: '1Gi',
      [`${QUOTA_PREFIX}instances`]: '20',
    };
    expect(readNamespace({ name: 'shop', annotations: { ...own, other: 'x' } })).toEqual({
      bounds: { name: 'shop', maxPriority: 100, quota: { memory: 1_073_741_824_000, instances: 20 } },
      wrong: [],
    });
  });

  test('are none without them', () => {
    expect(readNamespace({ name: 'shop' })).toEqual({ bounds: undefined, wrong: [] });
  });

  test.for([
    [annotations.maxPriority, 'high'],
    [annotations.maxPriority, '-1'],
    [`${QUOTA_PREFIX}memory`, 'Ki'],
    [`${QUOTA_PREFIX}memory`, '-1Gi'],
  ] as const)('%s: %s cannot be read, and allows nothing', ([annotation, text]) => {
    const { bounds, wrong } = readNamespace({ name: 'shop', annotations: { [annotation]: text } });
    expect([bounds?.maxPriority ?? bounds?.quota?.['memory'], wrong.map((one) => one.annotation)]).toEqual([
      0,
      [annotation],
    ]);
  });
});

describe('the host ports of a provider', () => {
  const link = (source: string, sourceConfig: string[], namespace = 'shop'): ListeningLink => ({
    namespace,
    source,
    sourceConfig,
  });
  const configs: Record<string, Record<string, string>> = {
    address: { Address: '0.0.0.0:8080' },
    six: { address: '[::]:8081' },
    port: { port: ' 8082 ' },
    wrong: { address: 'here' },
  };
  const http = { id: 'http', namespace: 'shop' };
  test.for([
    { name: 'an address', links: [link('http', ['address'])], want: ['8080'] },
    { name: 'IPv6', links: [link('http', ['six'])], want: ['8081'] },
    { name: 'a port', links: [link('http', ['port'])], want: ['8082'] },
    { name: 'a later config wins', links: [link('http', ['address', 'six'])], want: ['8081'] },
    { name: 'each once', links: [link('http', ['address']), link('http', ['address'])], want: ['8080'] },
    { name: 'nothing that can be read', links: [link('http', ['wrong']), link('http', ['absent'])], want: [] },
    { name: 'links of others', links: [link('other', ['six']), link('http', ['six'], 'bank')], want: [] },
  ])('$name', ({ links, want }) => {
    expect(hostPorts(http, links, (name) => configs[name])).toEqual(want);
  });
});
