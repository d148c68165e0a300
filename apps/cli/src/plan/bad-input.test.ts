import { describe, expect, test } from 'vitest';
import { planText } from './plan.fixture.ts';
import type { PlanReport } from './report/report.ts';

const cluster = '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudCluster, metadata: {name: eu}}';
const host =
  '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudHost, metadata: {name: h, labels: {kasmcloud.io/cluster: eu}}}';
const distribution = (spec: string, name = 'web'): string => `apiVersion: kasmcloud.io/v1alpha1
kind: WasmCloudDistribution
metadata: {name: ${name}}
spec:
  actor: {id: web, image: web}
${spec}`;
const world = (...documents: string[]): string => [cluster, host, ...documents].join('\n---\n');

describe('what is wrong by itself is told with file, line, column and field', () => {
  const specs: { name: string; spec: string; want: string }[] = [
    { name: 'a negative number', spec: '  replicas: -1', want: '10:3: spec.replicas: Too small' },
    { name: 'too many', spec: '  replicas: 10000001', want: '10:3: spec.replicas: Too big' },
    { name: 'a text for a number', spec: '  replicas: "3"', want: '10:3: spec.replicas: Invalid input' },
    { name: 'a field that does not exist', spec: '  replica: 3', want: '10:3: spec.replica: unknown field' },
    {
      name: 'actor and provider',
      spec: '  provider: {id: web, image: web}',
      want: '10:3: spec.provider: actor and provider exclude each other',
    },
    {
      name: 'maxSkew and weights',
      spec: '  spread:\n    - {topologyKey: zone, maxSkew: 1, weights: [{value: a, weight: 1}]}',
      want: '11:7: spec.spread[0]: maxSkew and weights exclude each other',
    },
    {
      name: 'min above max',
      spec: '  spread:\n    - {topologyKey: zone, min: 3, max: 2}',
      want: '11:7: spec.spread[0]: min is larger than max',
    },
    {
      name: 'a negative weight',
      spec: '  spread:\n    - {topologyKey: zone, weights: [{value: a, weight: -1}]}',
      want: '11:48: spec.spread[0].weights[0].weight: Too small',
    },
    {
      name: 'only weights of 0',
      spec: '  spread:\n    - {topologyKey: zone, weights: [{value: a, weight: 0}]}',
      want: '11:27: spec.spread[0].weights: at least one weight must be above 0',
    },
    {
      name: 'groups of weight 0 only',
      spec: '  groups: [{name: a, weight: 0}]',
      want: '10:3: spec.groups: at least one weight must be above 0',
    },
    {
      name: 'a comparison with a word',
      spec: '  hosts: {required: [{matchExpressions: [{key: cores, operator: Gt, values: [many]}]}]}',
      want: '10:69: spec.hosts.required[0].matchExpressions[0].values: Gt takes exactly one whole number',
    },
    {
      name: 'one of no values',
      spec: '  clusters: {tiers: [{name: own, required: [{matchExpressions: [{key: tier, operator: In}]}]}]}',
      want: '10:65: spec.clusters.tiers[0].required[0].matchExpressions[0].values: In needs a value',
    },
    {
      name: 'a label that must be there, with a value',
      spec: '  antiAffinity:\n    required:\n      - topologyKey: zone\n        selector: {matchExpressions: [{key: app, operator: Exists, values: [web]}]}',
      want: '13:68: spec.antiAffinity.required[0].selector.matchExpressions[0].values: Exists takes no values',
    },
    {
      name: 'a suffix without a number',
      spec: '  resources: {memory: Ki}',
      want: '10:15: spec.resources.memory: "Ki" is not a Kubernetes quantity',
    },
    {
      name: 'a fraction that no API server takes',
      spec: '  resources: {cpu: 0.1}',
      want: '10:15: spec.resources.cpu: 0.1 is no whole number',
    },
    {
      name: 'less than nothing',
      spec: '  resources: {cpu: "-1"}',
      want: '10:15: spec.resources.cpu: -1 is below 0',
    },
    {
      name: 'more than there can be',
      spec: '  resources: {cpu: "9223372036854775808000"}',
      want: '10:15: spec.resources.cpu: 9223372036854775808000 is more than Kubernetes can count',
    },
    {
      name: 'not a number',
      spec: '  resources: {cpu: NaN}',
      want: '10:15: spec.resources.cpu: "NaN" is not a Kubernetes quantity',
    },
    { name: 'YAML’s not a number', spec: '  resources: {cpu: .nan}', want: '10:20: spec.resources.cpu: ' },
    {
      name: 'instances, which every replica takes',
      spec: '  resources: {instances: 2}',
      want: '10:15: spec.resources.instances: every replica takes one instance',
    },
    { name: 'a field twice', spec: '  replicas: 1\n  replicas: 2', want: '11:3: spec.replicas: ' },
  ];
  test.for(specs)('$name', async ({ spec, want }) => {
    const { code, out, err } = await planText(world(distribution(spec)));
    expect(err).toMatch(/^stdin:/);
    expect(err).toContain(`stdin:${want}`);
    expect({ code, out }).toEqual({ code: 1, out: '' });
  });
});

test('an object with a million labels is refused before it is read', async () => {
  const many = Array.from({ length: 1_000_000 }, (_, i) => `    l${i}: v`).join('\n');
  const text = world(`apiVersion: kasmcloud.io/v1alpha1\nkind: WasmCloudHost\nmetadata:\n  labels:\n${many}`);
  const { code, err } = await planText(text);
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^stdin:4:1: an object of \d+ bytes: at most 4194304 are read\n$/),
  });
});

test('a List may be as large as a supercluster', async () => {
  const filler = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x'.repeat(5 * 1024 * 1024) } });
  const text = `apiVersion: v1\nitems:\n- ${filler}\n- ${cluster}\nkind: List\n`;
  expect((await planText(text)).code).toBe(0);
});

test.for(['1e3', '"0.1"', '100m', '1Ki', '0'])('quantity %s is one', async (quantity) => {
  const { code, err } = await planText(world(distribution(`  resources: {cpu: ${quantity}}`)));
  expect(err).toBe('');
  expect([0, 2]).toContain(code);
});

describe('what does not fit together is told as well', () => {
  const cases: { name: string; text: string; lost?: string[]; want: string }[] = [
    {
      name: 'a host without a cluster',
      text: world('{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudHost, metadata: {name: lone}}'),
      want: 'metadata.labels["kasmcloud.io/cluster"]: missing: it says which cluster host lone belongs to',
    },
    {
      name: 'a host of a cluster that is not there',
      text: host,
      want: 'stdin:1:87: metadata.labels["kasmcloud.io/cluster"]: there is no WasmCloudCluster eu in the input',
    },
    { name: 'a host twice', text: world(host), want: 'metadata.name: host eu/h is already at stdin:3:1' },
    { name: 'a cluster twice', text: world(cluster), want: 'metadata.name: cluster eu is already at stdin:1:1' },
    {
      name: 'a distribution twice',
      text: world(distribution('  replicas: 1'), distribution('  replicas: 2')),
      want: 'metadata.name: distribution default/web is already at stdin:5:1',
    },
    {
      name: 'a placement in a cluster that is not there',
      text: world(
        distribution(''),
        '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudPlacement, metadata: {name: p}, spec: {distribution: web, cluster: us, hosts: []}}',
      ),
      want: 'spec.cluster: there is no WasmCloudCluster us in the input',
    },
    {
      name: 'an actor on a host that is not there, nowhere',
      text: world(
        distribution(''),
        '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudActor, metadata: {name: a, labels: {kasmcloud.io/distribution: web}}, spec: {hostName: gone, instances: 1}}',
      ),
      want: 'spec.hostName: there is no WasmCloudHost gone in the input, and no label says in which cluster it was',
    },
    {
      name: 'a quota that is none',
      text: world('{apiVersion: v1, kind: Namespace, metadata: {name: n, annotations: {quota.kasmcloud.io/cpu: Ki}}}'),
      want: 'metadata.annotations["quota.kasmcloud.io/cpu"]: "Ki" is no quantity such as 250m, 64Mi or 2',
    },
    {
      name: 'a kind that is nearly one of ours',
      text: '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudHosts, metadata: {name: h}}',
      want: 'stdin:1:37: kind: there is no kind WasmCloudHosts in kasmcloud.io',
    },
    {
      name: 'an old version',
      text: '{apiVersion: kasmcloud.io/v1, kind: WasmCloudHost, metadata: {name: h}}',
      want: 'apiVersion: write kasmcloud.io/v1alpha1',
    },
    { name: 'no kind', text: '{a: 1}', want: 'stdin:1:1: kind: missing' },
    {
      name: 'an object without a name',
      text: '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudHost}',
      want: 'metadata',
    },
    { name: 'no YAML', text: '{[', want: 'stdin:1:' },
    { name: 'nothing', text: '', want: 'there is nothing to plan' },
    {
      name: 'a loss of no host',
      text: world(distribution('')),
      lost: ['host/x'],
      want: '--lost host/x: there is no such host',
    },
    {
      name: 'a loss of no cluster',
      text: world(distribution('')),
      lost: ['cluster/x'],
      want: '--lost cluster/x: there is no such cluster',
    },
    { name: 'a loss of nothing', text: world(distribution('')), lost: ['node/x'], want: 'write host/NAME' },
  ];
  test.for(cases)('$name', async ({ text, lost, want }) => {
    const { code, out, err } = await planText(text, lost === undefined ? {} : { lost });
    expect(err).toContain(want);
    expect({ code, out }).toEqual({ code: 1, out: '' });
  });
});

describe('what is odd but can happen is planned', () => {
  const planned = async (text: string): Promise<{ report: PlanReport; err: string }> => {
    const { out, err } = await planText(text, { output: 'json' });
    return { report: JSON.parse(out) as PlanReport, err };
  };

  test('a placement on a host that is gone: it is lost, and told', async () => {
    const placement =
      '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudPlacement, metadata: {name: p}, spec: {distribution: web, cluster: eu, hosts: [{host: gone, replicas: 1}]}}';
    const { report, err } = await planned(world(distribution('  replicas: 1'), placement));
    expect(err).toContain('spec.hosts[0].host: there is no WasmCloudHost gone in cluster eu: it counts as lost (note)');
    expect(report.moves).toMatchObject([
      { from: { cluster: 'eu', host: 'gone' }, to: { cluster: 'eu', host: 'h' }, replicas: 1, reason: 'HostGone' },
    ]);
    expect(report.lowerBoundMoves).toBe(1);
  });

  test('a spread over a key that no host has: nothing is placed, and it says why', async () => {
    const spread = '  spread: [{topologyKey: no-such-key, whenUnsatisfiable: Block}]';
    const { report } = await planned(world(distribution(spread)));
    expect(report.unplaced).toMatchObject([
      { replicas: 1, reasons: [{ code: 'NoEligibleHost', hosts: 1, blockers: ['SpreadLabel'] }] },
    ]);
  });

  test('nothing that is to run', async () => {
    expect((await planned(world())).report).toMatchObject({ assignments: [], moves: [], unplaced: [] });
  });

  test('no host at all', async () => {
    const { report } = await planned([cluster, distribution('')].join('\n---\n'));
    expect(report.unplaced).toMatchObject([{ reasons: [{ message: '1 replica has no host: there is none' }] }]);
  });

  test('a million replicas of the highest priority take nothing that others have', async () => {
    const actor =
      '{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudActor, metadata: {name: a, labels: {kasmcloud.io/distribution: web}}, spec: {hostName: h, instances: 7}}';
    const text = world(
      distribution('  replicas: 7'),
      actor,
      distribution('  replicas: 1000000\n  priority: 1000', 'greedy'),
    );
    const { report } = await planned(text);
    expect(report.assignments).toContainEqual({
      namespace: 'default',
      distribution: 'web',
      cluster: 'eu',
      host: 'h',
      replicas: 7,
    });
    expect(report.unplaced).toMatchObject([{ distribution: 'greedy', replicas: 990_007 }]);
  });

  test('kinds that place nothing, and fields without a value', async () => {
    const others =
      '{apiVersion: v1, kind: Pod, metadata: {name: p}}\n---\n{apiVersion: kasmcloud.io/v1alpha1, kind: WasmCloudLink, metadata: {name: l}}';
    const { report, err } = await planned(world(others, distribution('  priority:\n  mode: null')));
    expect(err).toBe('');
    expect(report.unplaced).toEqual([]);
  });
});
