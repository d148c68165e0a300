import type { DistributionSpec } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { malformedRequirements } from './requirements.ts';

type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
const actor = { id: 'web', image: 'web' };
const asked = (operator: Operator, values?: string[]): DistributionSpec => ({
  actor,
  hosts: { required: [{ matchExpressions: [{ key: 'cores', operator, ...(values !== undefined && { values }) }] }] },
});

describe('what Kubernetes takes of a node affinity is taken, the rest is refused', () => {
  const cases: [Operator, string[] | undefined, string | undefined][] = [
    ['In', ['a', 'b'], undefined],
    ['In', [], 'In needs a value'],
    ['In', undefined, 'In needs a value'],
    ['NotIn', ['a'], undefined],
    ['NotIn', undefined, 'NotIn needs a value'],
    ['Exists', undefined, undefined],
    ['Exists', [], undefined],
    ['Exists', ['a'], 'Exists takes no values'],
    ['DoesNotExist', undefined, undefined],
    ['DoesNotExist', ['a'], 'DoesNotExist takes no values'],
    ['Gt', ['8'], undefined],
    ['Lt', ['-8'], undefined],
    ['Gt', ['8', '9'], 'Gt takes exactly one whole number'],
    ['Gt', ['8.5'], 'Gt takes exactly one whole number'],
    ['Lt', ['many'], 'Lt takes exactly one whole number'],
    ['Lt', undefined, 'Lt takes exactly one whole number'],
  ];
  test.for(cases)('%s %j', ([operator, values, message]) => {
    const field = 'hosts.required[0].matchExpressions[0].values';
    expect(malformedRequirements(asked(operator, values))).toEqual(
      message === undefined ? [] : [{ reason: 'InvalidSpec', field, message }],
    );
  });
});

test('they are found wherever a spec has requirements', () => {
  const matchExpressions = [
    { key: 'a', operator: 'Exists' as const },
    { key: 'b', operator: 'In' as const },
  ];
  const term = { matchExpressions };
  const weighed = { weight: 1, matchExpressions };
  const near = { topologyKey: 'zone', selector: { matchExpressions } };
  const spec: DistributionSpec = {
    actor,
    clusters: { required: [term], preferred: [weighed], tiers: [{ name: 'own', required: [term] }] },
    hosts: { required: [term], preferred: [weighed] },
    affinity: { required: [near], preferred: [{ weight: 1, ...near }] },
    antiAffinity: { required: [near], preferred: [{ weight: 1, ...near }] },
    overrides: [{ clusters: [term], image: 'other' }],
    rollout: { stages: [{ name: 'first', clusters: [term] }] },
  };
  expect(
    malformedRequirements(spec)
      .map(({ field }) => field)
      .toSorted(),
  ).toEqual([
    'affinity.preferred[0].selector.matchExpressions[1].values',
    'affinity.required[0].selector.matchExpressions[1].values',
    'antiAffinity.preferred[0].selector.matchExpressions[1].values',
    'antiAffinity.required[0].selector.matchExpressions[1].values',
    'clusters.preferred[0].matchExpressions[1].values',
    'clusters.required[0].matchExpressions[1].values',
    'clusters.tiers[0].required[0].matchExpressions[1].values',
    'hosts.preferred[0].matchExpressions[1].values',
    'hosts.required[0].matchExpressions[1].values',
    'overrides[0].clusters[0].matchExpressions[1].values',
    'rollout.stages[0].clusters[0].matchExpressions[1].values',
  ]);
});
