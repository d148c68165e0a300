import {
  conditionTypes,
  fieldManagers,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorStatus,
  type ConditionUpdate,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { NotFoundError, updateStatus, type KubeClient, type WithConditions } from '@kasmcloud/kube';
import type { Running, Step } from './step.ts';
import type { Wanted } from './wanted.ts';

/** What the objects of one id are told: that it runs, that it is on its way, or why it does not run, in the host's words. */
export async function report(
  client: KubeClient,
  wanted: Wanted,
  { step, running }: { readonly step: Step; readonly running: Running | undefined },
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<void> {
  const settings = { now: new Date(now).toISOString(), fieldManager: fieldManagers.repeater, signal };
  for (const object of wanted.objects) {
    const { generation } = object.metadata;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    const conditions = [{ ...readiness(wanted, step), ...observed }];
    const isRunning = running !== undefined && step.kind === 'settled';
    const room = 'instances' in object.spec ? { instances: isRunning ? object.spec.instances : 0 } : {};
    const image =
      'instances' in object.spec && isRunning && running.image !== undefined ? { image: running.image } : {};
    const kind = wanted.kind === 'component' ? WasmCloudActor : WasmCloudProvider;
    try {
      await updateStatus<ActorStatus & WithConditions, KubeObject<unknown, ActorStatus>>(
        client,
        kind,
        object,
        { conditions, fields: { ...room, ...image, ...observed } },
        settings,
      );
    } catch (error) {
      // It was deleted meanwhile: there is nobody to tell.
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
}

function readiness({ kind, instances }: Wanted, step: Step): ConditionUpdate {
  const type = conditionTypes.ready;
  switch (step.kind) {
    case 'settled':
      return { type, status: 'True', reason: instances === 0 ? 'Stopped' : 'Running', message: '' };
    case 'overdue':
      return { type, status: 'False', reason: 'HostSilent', message: 'the host has not carried it out in time' };
    case 'wait':
      if (step.error !== undefined)
        return {
          type,
          status: 'False',
          reason: kind === 'component' ? 'ScaleFailed' : 'StartFailed',
          message: step.error,
        };
      return { type, status: 'Unknown', reason: 'Commanded', message: 'the host was told, and has not done it yet' };
    case 'start':
    case 'scale':
    case 'stop':
      return { type, status: 'Unknown', reason: 'Commanded', message: 'the host is told' };
  }
}
