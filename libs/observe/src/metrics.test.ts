import { expect, test } from 'vitest';
import { createMetrics, MetricNameError } from './metrics.ts';

test('series that are named in advance are reported as 0 before anything happened', async () => {
  const metrics = createMetrics({ prefix: 'kasmcloud' });
  const moves = metrics.counter({
    name: 'moves_total',
    help: 'Replicas moved.',
    labels: ['reason'],
    series: [{ reason: 'repair' }, { reason: 'rebalance' }],
  });
  const plan = metrics.histogram({
    name: 'plan_duration_seconds',
    help: 'Time to plan.',
    labels: ['mode'],
    series: [{ mode: 'full' }],
  });
  moves.inc({ reason: 'repair' }, 2);
  const before = await metrics.render();
  expect(before).toContain('kasmcloud_moves_total{reason="repair"} 2');
  expect(before).toContain('kasmcloud_moves_total{reason="rebalance"} 0');
  expect(before).toContain('kasmcloud_plan_duration_seconds_count{mode="full"} 0');
  plan.observe({ mode: 'full' }, 0.2);
  expect(await metrics.render()).toContain('kasmcloud_plan_duration_seconds_bucket{le="0.25",mode="full"} 1');
});

test('a gauge can be read at the scrape, and the process reports itself', async () => {
  const metrics = createMetrics();
  let depth = 1;
  metrics.gauge({ name: 'queue_depth', help: 'Keys waiting.', read: () => depth });
  const clusters = metrics.gauge({ name: 'hosts', help: 'Hosts.', labels: ['cluster'] });
  clusters.set({ cluster: 'eu-1' }, 3);
  clusters.set({ cluster: 'eu-2' }, 4);
  clusters.remove({ cluster: 'eu-2' });
  depth = 7;
  const text = await metrics.render();
  expect(text).toContain('kasmcloud_queue_depth 7');
  expect(text).toContain('kasmcloud_hosts{cluster="eu-1"} 3');
  expect(text).not.toContain('eu-2');
  expect(text).toContain('process_cpu_seconds_total');
  expect(metrics.contentType).toContain('version=0.0.4');
});

test('values that are kept elsewhere are read at the scrape', async () => {
  const metrics = createMetrics();
  let calls = 0;
  metrics.sampled({
    name: 'actor_calls_total',
    help: 'Calls.',
    kind: 'counter',
    read: () => [{ labels: { actor: 'a"b\\c', lattice: 'shop' }, value: ++calls }],
  });
  const text = await metrics.render();
  expect(text).toContain('# TYPE kasmcloud_actor_calls_total counter\n');
  expect(text).toContain('\nkasmcloud_actor_calls_total{actor="a\\"b\\\\c",lattice="shop"} 1\n');
  expect(await metrics.render()).toContain('} 2\n');
  const read = (): never[] => [];
  expect(() => metrics.sampled({ name: 'calls', help: 'Calls.', kind: 'counter', read })).toThrow(MetricNameError);
});

test('two registries of one process do not meet', async () => {
  const [a, b] = [createMetrics(), createMetrics()];
  a.counter({ name: 'x_total', help: 'X.' }).inc();
  b.counter({ name: 'x_total', help: 'X.' });
  expect(await a.render()).toContain('kasmcloud_x_total 1');
  expect(await b.render()).toContain('kasmcloud_x_total 0');
});

test.for([
  ['counter', 'moves', 'kasmcloud_moves: a counter ends in _total'],
  ['counter', 'Moves_total', 'use lower case'],
  ['gauge', 'hosts_total', 'only a counter ends in _total'],
  ['histogram', 'plan_duration', 'a histogram ends in its unit'],
] as const)('%s %s is refused', ([kind, name, message]) => {
  const metrics = createMetrics();
  expect(() => metrics[kind]({ name, help: 'x' })).toThrow(MetricNameError);
  expect(() => metrics[kind]({ name, help: 'x' })).toThrow(message);
});
