import { describe, expect, test } from 'vitest';
import {
  aggregateStatus,
  linkScalerName,
  linkStatus,
  modelSummary,
  scalerStatus,
  statusText,
  type ScalerProgress,
} from './status.ts';

describe('an application is as well as its worst scaler', () => {
  test.for([
    [[], { type: 'undeployed' }],
    [[{ type: 'deployed' }, { type: 'deployed' }], { type: 'deployed' }],
    [[{ type: 'deployed' }, { type: 'unhealthy' }], { type: 'unhealthy' }],
    [[{ type: 'unhealthy' }, { type: 'reconciling', message: 'a' }], { type: 'reconciling', message: 'a' }],
    [[{ type: 'reconciling', message: 'a' }, { type: 'waiting' }], { type: 'waiting', message: 'a' }],
    [[{ type: 'waiting' }, { type: 'undeployed' }], { type: 'undeployed' }],
    [
      [
        { type: 'undeployed', message: 'a' },
        { type: 'failed', message: 'b' },
      ],
      { type: 'failed', message: 'a, b' },
    ],
  ] as const)('%j', ([statuses, want]) => {
    expect(aggregateStatus(statuses)).toEqual(want);
  });
});

describe("a scaler speaks wadm's words", () => {
  const fine: ScalerProgress = {
    type: 'component',
    daemon: false,
    reference: 'img:1',
    desired: 3,
    ready: 3,
    changingHosts: 0,
    unmet: [],
    failures: [],
    unhealthyHosts: 0,
  };
  const unmet = [{ group: 'east', placed: 0, wanted: 1 }];
  const cases: [Partial<ScalerProgress>, object][] = [
    [{}, { type: 'deployed' }],
    [
      { ready: 1, changingHosts: 2 },
      { type: 'reconciling', message: 'Scaling component on 2 host(s)' },
    ],
    [
      { type: 'capability', ready: 1, changingHosts: 1 },
      { type: 'reconciling', message: 'Scaling provider on 1 host(s)' },
    ],
    [{ unmet }, { type: 'failed', message: 'Could not satisfy spread east for img:1, 0/1 eligible hosts found.' }],
    [
      { unmet, daemon: true },
      { type: 'failed', message: 'Could not satisfy daemonscaler east for img:1, 0 eligible hosts found.' },
    ],
    [
      { failures: ['no such image'], ready: 0 },
      { type: 'failed', message: 'no such image' },
    ],
    [
      { type: 'capability', unhealthyHosts: 2 },
      { type: 'failed', message: 'Unhealthy provider on 2 host(s)' },
    ],
  ];
  test.for(cases)('%j', ([progress, want]) => {
    expect(scalerStatus({ ...fine, ...progress })).toEqual(want);
  });
  test('links', () => {
    expect(linkStatus('a', 'b', true)).toEqual({ type: 'deployed' });
    expect(linkStatus('a', 'b', false)).toEqual({
      type: 'reconciling',
      message: 'Putting link definition between a and b',
    });
    expect(linkScalerName('a', 'wasi', 'http', 'b')).toBe('a -(wasi:http)-> b');
  });
});

test('a summary shows waiting as undeployed in the deprecated field', () => {
  const status = { type: 'waiting', message: statusText.waiting } as const;
  expect(modelSummary('app', { order: ['v1', 'v2'], deployed: 'v1' }, { description: 'd' }, status, [])).toEqual({
    name: 'app',
    version: 'v2',
    description: 'd',
    deployed_version: 'v1',
    detailed_status: { status, version: '', components: [] },
    status: 'undeployed',
    status_message: statusText.waiting,
  });
});
