import {
  Application,
  labels,
  typeMeta,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  type Kind,
} from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { planText } from '../plan.fixture.ts';
import type { PlanReport } from '../report/report.ts';

interface Parts {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly status?: object;
  readonly deletionTimestamp?: string;
}

const object = (kind: Kind, name: string, { spec, status, ...metadata }: Parts = {}): object => ({
  ...typeMeta(kind),
  metadata: { name, ...metadata },
  ...(spec !== undefined && { spec }),
  ...(status !== undefined && { status }),
});
const cluster = (name: string, status?: object): object =>
  object(WasmCloudCluster, name, { ...(status && { status }) });
const host = (path: string, rest: Parts = {}): object => {
  const [inside = '', name = ''] = path.split('/');
  return object(WasmCloudHost, name, { ...rest, labels: { [labels.cluster]: inside, ...rest.labels } });
};
const web = (spec: object, rest: Parts = {}): object =>
  object(WasmCloudDistribution, 'web', {
    namespace: 'shop',
    ...rest,
    spec: { actor: { id: 'web', image: 'web:1' }, ...spec },
  });
const actor = (name: string, hostName: string, instances: number, own: Readonly<Record<string, string>> = {}): object =>
  object(WasmCloudActor, name, { namespace: 'shop', labels: own, spec: { hostName, instances } });

const ofWeb = { [labels.distribution]: 'web' };
const notReady = (status: string): object => ({ conditions: [{ type: 'Ready', status }] });

async function plan(objects: readonly object[], lost: readonly string[] = []): Promise<PlanReport & { err: string }> {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { out, err } = await planText(text, { output: 'json', lost });
  return { ...(JSON.parse(out) as PlanReport), err };
}

/** `cluster/host` → replicas, of one distribution. */
const counts = ({ assignments }: PlanReport, distribution = 'web'): Record<string, number> =>
  Object.fromEntries(
    assignments
      .filter((one) => one.distribution === distribution)
      .map((one) => [`${one.cluster}/${one.host}`, one.replicas]),
  );

describe('hosts', () => {
  const two = [cluster('eu'), cluster('us'), host('eu/h'), host('us/h')];

  test('of one name in two clusters are two hosts', async () => {
    expect(counts(await plan([...two, web({ replicas: 2 })]))).toEqual({ 'eu/h': 1, 'us/h': 1 });
    expect(counts(await plan([...two, web({ replicas: 2 })], ['host/eu/h']))).toEqual({ 'us/h': 2 });
  });

  test('serve every namespace, unless one of them says which', async () => {
    const said = host('eu/said', { spec: { lattices: ['shop'] } });
    expect(counts(await plan([...two, said, web({ replicas: 3 })]))).toEqual({ 'eu/said': 3 });
  });

  test.for(['False', 'Unknown'])('that are Ready=%s take nothing new and keep what they have', async (status) => {
    const objects = [
      cluster('eu'),
      host('eu/a', { status: notReady(status) }),
      host('eu/b'),
      actor('a', 'a', 1, ofWeb),
    ];
    expect(counts(await plan([...objects, web({ replicas: 3 })]))).toEqual({ 'eu/a': 1, 'eu/b': 2 });
  });

  test('of a cluster that cannot be reached keep what they have', async () => {
    const away = cluster('us', { conditions: [{ type: 'Reachable', status: 'False' }] });
    const objects = [
      cluster('eu'),
      away,
      host('eu/h'),
      host('us/h'),
      actor('a', 'h', 2, { ...ofWeb, [labels.cluster]: 'us' }),
    ];
    expect(counts(await plan([...objects, web({ replicas: 3 })]))).toEqual({ 'eu/h': 1, 'us/h': 2 });
  });
});

describe('what stands', () => {
  const one = [cluster('eu'), host('eu/h', { status: { allocatable: { instances: 10 } } })];

  test('an actor without a cluster label is on the only host of its name', async () => {
    expect((await plan([...one, web({ replicas: 1 }), actor('a', 'h', 1, ofWeb)])).moves).toEqual([]);
  });

  test('others only take room, and are told when they claim an owner that is not there', async () => {
    const others = [actor('theirs', 'h', 4), actor('orphan', 'h', 3, { [labels.distribution]: 'gone' })];
    const { unplaced, err } = await plan([...one, web({ replicas: 5 }), ...others]);
    expect(unplaced).toMatchObject([{ replicas: 2 }]);
    expect(err).toContain('there is no WasmCloudDistribution shop/gone in the input: it only takes room (note)');
  });

  test('what a distribution on its way out runs stops', async () => {
    const leaving = web({ replicas: 2, suspend: true }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    const { moves, assignments } = await plan([...one, leaving, actor('a', 'h', 2, ofWeb)]);
    expect(assignments).toEqual([]);
    expect(moves).toMatchObject([{ from: { host: 'h' }, to: null, replicas: 2, reason: 'Removed' }]);
  });
});

test('an Application speaks for its distributions', async () => {
  const component = (name: string, instances: number): object => ({
    name,
    type: 'component',
    properties: { image: `ghcr.io/acme/${name}:1` },
    traits: [{ type: 'spreadscaler', properties: { instances } }],
  });
  const application = {
    ...typeMeta(Application),
    metadata: { name: 'hello', namespace: 'shop', annotations: { version: 'v1' } },
    spec: { components: [component('http', 3)] },
  };
  const made = (name: string, replicas: number): object =>
    object(WasmCloudDistribution, name, {
      namespace: 'shop',
      labels: { [labels.application]: 'hello' },
      spec: { actor: { id: 'x', image: 'old' }, replicas },
    });
  const report = await plan([
    cluster('eu'),
    host('eu/h'),
    application,
    made('hello-http', 1),
    made('hello-old', 1),
    actor('a', 'h', 1, { [labels.distribution]: 'hello-http' }),
    actor('b', 'h', 1, { [labels.distribution]: 'hello-old' }),
  ]);
  expect(counts(report, 'hello-http')).toEqual({ 'eu/h': 3 });
  expect(report.moves).toMatchObject([
    { distribution: 'hello-old', to: null, replicas: 1, reason: 'Removed' },
    { distribution: 'hello-http', from: null, replicas: 2, reason: 'ScaleUp' },
  ]);
});
