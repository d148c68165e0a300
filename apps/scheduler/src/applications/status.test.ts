import {
  Application,
  conditionTypes,
  typeMeta,
  WasmCloudDistribution,
  type ApplicationObject,
  type DistributionObject,
} from '@kasmcloud/kube-api';
import { compile, parseApplication } from '@kasmcloud/oam';
import { expect, test } from 'vitest';
import { applicationStatus } from './status.ts';

const application: ApplicationObject = {
  ...typeMeta(Application),
  metadata: { name: 'shop', namespace: 'eu', generation: 1 },
  spec: {
    components: [{ name: 'disk', type: 'capability', properties: { image: 'ghcr.io/wasmcloud/blobstore-fs:0.10' } }],
  },
};
const parsed = parseApplication(application).application;
if (parsed === undefined) throw new TypeError('the manifest is refused');
const compiled = compile(parsed, { namespace: 'eu', name: 'shop' });

const refusal = 'avoided: self/h1: StartFailed: ghcr.io/wasmcloud/blobstore-fs:0.10 is not built in';

const distribution = (readyReplicas: number): DistributionObject => ({
  ...typeMeta(WasmCloudDistribution),
  metadata: { name: 'shop-disk', namespace: 'eu', generation: 1 },
  spec: { replicas: 1 },
  status: {
    observedGeneration: 1,
    replicas: 1,
    readyReplicas,
    conditions: [
      {
        type: conditionTypes.degraded,
        status: 'True',
        reason: 'StartFailed',
        message: refusal,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
});

test.for([
  { what: 'what a host refuses is told in its words', ready: 0, want: { type: 'failed', message: refusal } },
  { what: 'what runs elsewhere is well', ready: 1, want: { type: 'deployed' } },
])('$what', ({ ready, want }) => {
  const distributions = new Map([['shop-disk', distribution(ready)]]);
  const status = applicationStatus(application, { kind: 'deployed', compiled, distributions }, '2026-01-01T00:00:00Z');
  expect(status.status).toEqual(want);
  expect(status.scalers?.[0]?.status).toEqual(want);
});

test('what no host would start is told as well', () => {
  const said = { status: 'True', reason: 'ConfigMissing', message: 'self/h1: ConfigMissing: there is no cfg' } as const;
  const stalled = { ...said, type: conditionTypes.stalled, lastTransitionTime: '2026-01-01T00:00:00Z' };
  const { status: before } = distribution(0);
  const refused = { ...distribution(0), status: { ...before, conditions: [stalled] } };
  const distributions = new Map([['shop-disk', refused]]);
  const status = applicationStatus(application, { kind: 'deployed', compiled, distributions }, '2026-01-01T00:00:00Z');
  expect(status.status).toEqual({ type: 'failed', message: said.message });
});

test('what is planned and not yet dispatched is not well', () => {
  const planned = { ...distribution(0), status: { observedGeneration: 1, desired: 1, replicas: 0, readyReplicas: 0 } };
  const distributions = new Map([['shop-disk', planned]]);
  const status = applicationStatus(application, { kind: 'deployed', compiled, distributions }, '2026-01-01T00:00:00Z');
  expect(status).toMatchObject({ status: { type: 'reconciling' }, replicas: 1, readyReplicas: 0 });
});

test('a status never has more words than its schema holds', () => {
  const components = Array.from({ length: 200 }, (_, i) => ({
    name: `c${i}`,
    type: 'component',
    properties: { image: `registry.example.com/${'long/'.repeat(20)}c${i}:1` },
    traits: [{ type: 'spreadscaler', properties: { instances: 1 } }],
  }));
  const large = { ...application, spec: { components } };
  const read = parseApplication(large).application;
  if (read === undefined) throw new TypeError('the manifest is refused');
  const deployment = { kind: 'deployed', compiled: compile(read, { namespace: 'eu', name: 'shop' }) } as const;
  const unplaced = [{ reason: 'NoHosts', message: 'group default', count: 1 }];
  const distributions = new Map(
    deployment.compiled.distributions.map(({ name }) => [
      name,
      { ...distribution(0), status: { ...distribution(0).status, unplaced } },
    ]),
  );
  const status = applicationStatus(large, { ...deployment, distributions }, '2026-01-01T00:00:00Z');
  expect(Application.status.safeParse(status).error).toBeUndefined();
});
