import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { contentIn, type Template } from './template.ts';

const inRegion = (...values: string[]) => [
  { matchExpressions: [{ key: labels.region, operator: 'In' as const, values }] },
];
const base = { id: 'web', image: 'web:1', config: ['base'], limits: { memory: '64Mi' } };

describe('overrides', () => {
  const template: Template = {
    actor: base,
    overrides: [
      { clusters: inRegion('eu', 'us'), config: ['wide'], image: 'web:2' },
      { clusters: inRegion('eu'), config: ['eu'], limits: { memory: '128Mi' } },
      { clusters: [], secrets: ['all'] },
    ],
  };

  test.for([
    ['none but the one for all', 'ap', { ...base, secrets: ['all'] }],
    ['one', 'us', { ...base, config: ['wide'], image: 'web:2', secrets: ['all'] }],
    [
      'a later one over an earlier one',
      'eu',
      { ...base, config: ['eu'], image: 'web:2', limits: { memory: '128Mi' }, secrets: ['all'] },
    ],
  ] as const)('%s', ([, region, want]) => {
    expect(contentIn(template, { [labels.region]: region })).toEqual({ kind: 'actor', spec: want });
  });

  test('give a provider no limits', () => {
    const provider = { id: 'http', image: 'http:1' };
    const overrides = [{ clusters: [], image: 'http:2', limits: { memory: '1Gi' } }];
    expect(contentIn({ provider, overrides }, {})).toEqual({ kind: 'provider', spec: { id: 'http', image: 'http:2' } });
  });
});
