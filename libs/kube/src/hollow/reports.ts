import {
  setCondition,
  conditionTypes,
  type ActorObject,
  type Condition,
  type HostStatus,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { HollowAnswer } from './answers.ts';

/** What of an Actor or Provider a hollow host looks at. */
export interface HollowWorkload {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly generation?: number | undefined;
  };
  readonly spec: { readonly hostName: string; readonly image: string; readonly instances: number };
  readonly status: { readonly observedGeneration: number | undefined; readonly conditions: readonly Condition[] };
}

/** Drops all that nobody here reads: a process may hold the workloads of thousands of hosts. */
export const hollowWorkload = ({ metadata, spec, status }: ActorObject | ProviderObject): HollowWorkload => ({
  metadata: { name: metadata.name, namespace: metadata.namespace, generation: metadata.generation },
  spec: {
    hostName: spec.hostName ?? '',
    image: spec.image ?? '',
    instances: 'instances' in spec ? spec.instances : 1,
  },
  status: { observedGeneration: status?.observedGeneration, conditions: status?.conditions ?? [] },
});

/** Whether its host has nothing more to say of a workload as it was last written. */
export const isTold = ({ metadata, status }: HollowWorkload): boolean =>
  status.observedGeneration === metadata.generation;

/** The status of a workload after an answer. `now` is RFC 3339. */
export function workloadReport(
  { metadata, status }: HollowWorkload,
  answer: Exclude<HollowAnswer, { kind: 'Silent' }>,
  now: string,
): { observedGeneration: number | undefined; conditions: Condition[] } {
  const said =
    answer.kind === 'Running'
      ? ({ status: 'True', reason: 'Running', message: '' } as const)
      : ({ status: 'False', reason: answer.reason, message: answer.message } as const);
  const conditions = setCondition(status.conditions, { type: conditionTypes.ready, ...said }, now);
  return { observedGeneration: metadata.generation, conditions };
}

/** What every hollow host of a fleet says of itself. */
export interface HollowTraits {
  readonly runtime: 'kasmcloud' | 'wasmcloud';
  readonly labels: Readonly<Record<string, string>>;
  /** Kubernetes quantities; `instances` is the concurrency cap. */
  readonly allocatable: Readonly<Record<string, string | number>>;
  readonly interfaces: readonly string[];
  /** RFC 3339. */
  readonly startedAt: string;
}

/** The status of a host with what runs on it. */
export const hostReport = (
  name: string,
  { runtime, labels, allocatable, interfaces, startedAt }: HollowTraits,
  running: { readonly actors: readonly HollowWorkload[]; readonly providers: readonly HollowWorkload[] },
): HostStatus => ({
  runtime,
  version: 'hollow',
  friendlyName: name,
  labels: { ...labels },
  allocatable: { ...allocatable },
  interfaces: [...interfaces],
  startedAt,
  actors: running.actors.length,
  providers: running.providers.length,
  instances: running.actors.reduce((sum, { spec }) => sum + spec.instances, 0),
});
