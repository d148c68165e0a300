import {
  annotations,
  conditionTypes,
  findCondition,
  setCondition,
  type ApplicationObject,
  type ApplicationStatus,
  type ConditionUpdate,
  type DistributionObject,
} from '@kasmcloud/kube-api';
import { aggregateStatus, linkScalerName, linkStatus, scalerStatus, statusText, type Compiled } from '@kasmcloud/oam';
import { sha256 } from '../plan/revision.ts';

type Scaler = NonNullable<ApplicationStatus['scalers']>[number];

/** What became of an Application's manifest. */
export type Deployment =
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'undeployed' }
  | {
      readonly kind: 'deployed';
      readonly compiled: Compiled;
      readonly distributions: ReadonlyMap<string, DistributionObject>;
    };

/** Status of an Application: wadm's own form, and conditions. Equal facts, equal status. */
export function applicationStatus(
  application: ApplicationObject,
  deployment: Deployment,
  now: string,
): ApplicationStatus {
  const { generation } = application.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const judged = judge(application, deployment);
  const conditions = [judged.ready, judged.stalled].reduce(
    (list, next) => setCondition(list, { ...next, ...observed }, now),
    application.status?.conditions,
  );
  const version = application.metadata.annotations?.[annotations.version];
  return {
    ...observed,
    status: judged.status,
    ...(deployment.kind === 'deployed' && version !== undefined && { deployedVersion: version }),
    replicas: judged.replicas,
    readyReplicas: judged.readyReplicas,
    scalers: judged.scalers,
    ...(conditions !== undefined && { conditions }),
  };
}

interface Judged {
  readonly status: NonNullable<ApplicationStatus['status']>;
  readonly scalers: Scaler[];
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly ready: ConditionUpdate;
  readonly stalled: ConditionUpdate;
}

const notStalled: ConditionUpdate = {
  type: conditionTypes.stalled,
  status: 'False',
  reason: 'NotStalled',
  message: '',
};

function judge(application: ApplicationObject, deployment: Deployment): Judged {
  const type = conditionTypes.ready;
  switch (deployment.kind) {
    case 'refused': {
      const message = deployment.problems.join('\n');
      const reason = 'InvalidManifest';
      return {
        status: { type: 'failed', message: message.slice(0, 4096) },
        // What ran before goes on.
        scalers: application.status?.scalers ?? [],
        replicas: application.status?.replicas ?? 0,
        readyReplicas: application.status?.readyReplicas ?? 0,
        ready: { type, status: 'False', reason, message },
        stalled: { type: conditionTypes.stalled, status: 'True', reason, message: 'waiting for a valid manifest' },
      };
    }
    case 'undeployed':
      return {
        status: { type: 'undeployed', message: statusText.undeployed },
        scalers: [],
        replicas: 0,
        readyReplicas: 0,
        ready: { type, status: 'False', reason: 'Undeployed', message: 'spec.components is empty' },
        stalled: notStalled,
      };
    case 'deployed':
      return judgeDeployed(deployment);
  }
}

function judgeDeployed({ compiled, distributions }: Extract<Deployment, { kind: 'deployed' }>): Judged {
  const progress = compiled.distributions.map(({ name, spec }) => ({ spec, object: distributions.get(name) }));
  const scalers = [
    ...progress.map(({ spec, object }): Scaler => scalerOf(spec, object)),
    ...compiled.links.map(({ spec }): Scaler => {
      const name = linkScalerName(spec.source, spec.witNamespace, spec.witPackage, spec.target);
      return {
        id: sha256(['link', spec]),
        kind: 'LinkScaler',
        name,
        status: linkStatus(spec.source, spec.target, true),
      };
    }),
  ];
  const desired = progress.map(({ object }) => desiredOf(object));
  const ready = progress.map(({ object }) => object?.status?.readyReplicas ?? 0);
  const status = aggregateStatus(scalers.map((scaler) => wadmInfo(scaler)));
  const isReady = status.type === 'deployed';
  return {
    status,
    scalers,
    replicas: sum(desired),
    readyReplicas: sum(ready),
    ready: {
      type: conditionTypes.ready,
      status: isReady ? 'True' : 'False',
      reason: isReady ? 'Deployed' : 'Progressing',
      message: status.message ?? `${sum(ready)} of ${sum(desired)} replicas are ready`,
    },
    stalled: notStalled,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

type WadmInfo = Parameters<typeof aggregateStatus>[0][number];
const wadmInfo = ({ status }: Scaler): WadmInfo => status as WadmInfo;

/** Replicas that are asked for. What is planned and not yet dispatched is neither placed nor without a place. */
function desiredOf(object: DistributionObject | undefined): number {
  const { desired = 0, replicas = 0, unplaced = [] } = object?.status ?? {};
  return Math.max(desired, replicas + unplaced.reduce((sum, { count }) => sum + count, 0));
}

/** Why starts fail, in the words of the hosts; nothing while enough runs elsewhere. */
function failuresOf({ status }: DistributionObject, wanted: number): string[] {
  if ((status?.readyReplicas ?? 0) >= wanted) return [];
  const said = [conditionTypes.degraded, conditionTypes.stalled].map((type) => findCondition(status?.conditions, type));
  return said.flatMap((condition) => (condition?.status === 'True' ? [condition.message] : []));
}

function scalerOf(spec: Compiled['distributions'][number]['spec'], object: DistributionObject | undefined): Scaler {
  const part = spec.actor ?? spec.provider;
  const daemon = spec.mode === 'Daemon';
  const isSeen = object?.status?.observedGeneration === object?.metadata.generation && object !== undefined;
  const unplaced = isSeen ? (object.status?.unplaced ?? []).filter(({ count }) => count > 0) : [];
  const wanted = isSeen ? desiredOf(object) : (spec.replicas ?? 1);
  const status = scalerStatus({
    type: spec.actor === undefined ? 'capability' : 'component',
    daemon,
    reference: part?.image ?? '',
    desired: wanted,
    ready: object?.status?.readyReplicas ?? 0,
    changingHosts: isSeen && object.status?.readyReplicas === wanted ? 0 : 1,
    unmet: unplaced.map(({ reason, message, count }) => ({
      group: /^group ([^;]+)/.exec(message ?? '')?.[1] ?? reason,
      placed: wanted - count,
      wanted,
    })),
    failures: isSeen ? failuresOf(object, wanted) : [],
    unhealthyHosts: 0,
  });
  return {
    id: sha256([daemon ? 'daemon' : 'spread', part?.id, part?.image, part?.config]),
    kind: daemon ? 'DaemonScaler' : 'SpreadScaler',
    name: part?.id ?? '',
    status,
  };
}
