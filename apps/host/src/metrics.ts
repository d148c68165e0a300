import type { Metrics, Sample } from '@kasmcloud/observe';
import type { Verdict } from '@kasmcloud/oci';
import type { ComponentUsage } from '@kasmcloud/wasm';
import type { HostLoad } from './registration/registration.ts';

/** What an operator's dashboard shows of a host. */
export function hostMetrics(metrics: Metrics, load: () => HostLoad): void {
  metrics.gauge({ name: 'actors', help: 'Actors that run here.', read: () => load().actors });
  metrics.gauge({ name: 'providers', help: 'Providers that run here.', read: () => load().providers });
  metrics.gauge({ name: 'instances', help: 'Instances that the actors here may use.', read: () => load().instances });
}

/** What became of images under the signature policies. */
export function signatureMetrics(metrics: Metrics): (policy: string, verdict: Verdict) => void {
  const checks = metrics.counter({
    name: 'image_signature_checks_total',
    help: 'Images that a signature policy was about, by verdict. Verdicts that were known are not counted again.',
    labels: ['policy', 'verdict'],
  });
  return (policy, verdict) => checks.inc({ policy, verdict });
}

/** An actor that runs here, and what it did since it was started or replaced. */
export interface ActorUsage {
  readonly lattice: string;
  readonly actor: string;
  readonly usage: ComponentUsage;
}

/** What each actor does: calls, errors, how long they take, and how full it is. */
export function actorMetrics(metrics: Metrics, read: () => Iterable<ActorUsage>): void {
  const sampled = (
    kind: 'counter' | 'gauge' | 'histogram',
    name: string,
    help: string,
    samples: (usage: ComponentUsage) => readonly (Omit<Sample, 'labels'> & Partial<Pick<Sample, 'labels'>>)[],
  ): void =>
    metrics.sampled({
      kind,
      name,
      help,
      *read() {
        for (const { lattice, actor, usage } of read()) {
          for (const sample of samples(usage)) yield { ...sample, labels: { lattice, actor, ...sample.labels } };
        }
      },
    });
  sampled('counter', 'actor_calls_total', 'Calls that ended, by how.', ({ ended }) =>
    Object.entries(ended).map(([ending, value]) => ({ labels: { ending }, value })),
  );
  sampled('histogram', 'actor_call_duration_seconds', 'How long calls ran, without their wait.', (usage) => [
    ...usage.buckets.map(([bound, value]) => ({
      suffix: '_bucket',
      labels: { le: bound === Infinity ? '+Inf' : String(bound) },
      value,
    })),
    { suffix: '_sum', value: usage.seconds },
    { suffix: '_count', value: usage.buckets.at(-1)?.[1] ?? 0 },
  ]);
  sampled('gauge', 'actor_instances', 'Calls that may run at once.', ({ instances }) => [{ value: instances }]);
  sampled('gauge', 'actor_calls_running', 'Calls that run.', ({ running }) => [{ value: running }]);
  sampled('gauge', 'actor_memory_bytes', 'Linear memory of its instances.', ({ memoryBytes }) => [
    { value: memoryBytes },
  ]);
  sampled('gauge', 'actor_calls_waiting', 'Calls that wait for an instance.', ({ waiting }) => [{ value: waiting }]);
}
