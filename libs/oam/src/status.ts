import {
  wadmStatus,
  type WadmModelSummary,
  type WadmScalerStatus,
  type WadmStatusInfo,
  type WadmStatusType,
} from '@kasmcloud/wire';
import { annotations as annotationNames } from '@kasmcloud/kube-api';
import { latestVersion, type Versions } from './versions.ts';

/** Worst first: an application is as well as its worst scaler. */
const precedence: readonly WadmStatusType[] = [
  'failed',
  'undeployed',
  'waiting',
  'reconciling',
  'unhealthy',
  'deployed',
];

/** The texts that wadm gives for an application as a whole. */
export const statusText = {
  waiting: 'Waiting for status: Lattice contains no hosts, deployment not started.',
  undeployed: 'Manifest has been undeployed',
} as const;

/** Status of an application out of those of its scalers; without any it is undeployed. */
export function aggregateStatus(statuses: readonly WadmStatusInfo[]): WadmStatusInfo {
  const type = precedence.find((one) => statuses.some((status) => status.type === one)) ?? 'undeployed';
  return info(
    type,
    statuses.flatMap(({ message }) => (message === undefined || message === '' ? [] : [message])).join(', '),
  );
}

/** What is known of one component or provider that should run. */
export interface ScalerProgress {
  readonly type: 'component' | 'capability';
  readonly daemon: boolean;
  /** Image or id: what the user knows it by. */
  readonly reference: string;
  readonly desired: number;
  readonly ready: number;
  /** Hosts where something still changes. */
  readonly changingHosts: number;
  /** Groups with replicas that have no place, and how many of how many have one. */
  readonly unmet: readonly { readonly group: string; readonly placed: number; readonly wanted: number }[];
  /** Why a start fails now, in the host's words. */
  readonly failures: readonly string[];
  /** Hosts whose provider fails its health check. */
  readonly unhealthyHosts: number;
}

/** Status of one scaler, in wadm's words. */
export function scalerStatus(progress: ScalerProgress): WadmStatusInfo {
  const { type, daemon, reference, desired, ready, changingHosts, unmet, failures, unhealthyHosts } = progress;
  const what = type === 'component' ? 'component' : 'provider';
  const unsatisfied = unmet.map(({ group, placed, wanted }) =>
    daemon
      ? `Could not satisfy daemonscaler ${group} for ${reference}, ${placed} eligible hosts found.`
      : `Could not satisfy spread ${group} for ${reference}, ${placed}/${wanted} eligible hosts found.`,
  );
  const wrong = [...unsatisfied, ...failures];
  if (wrong.length > 0) return info('failed', wrong.join(', '));
  if (unhealthyHosts > 0) return info('failed', `Unhealthy provider on ${unhealthyHosts} host(s)`);
  if (changingHosts > 0 || ready < desired) return info('reconciling', `Scaling ${what} on ${changingHosts} host(s)`);
  return info('deployed', '');
}

/** Status of one link: deployed once the lattice holds it. */
export const linkStatus = (source: string, target: string, present: boolean): WadmStatusInfo =>
  present ? info('deployed', '') : info('reconciling', `Putting link definition between ${source} and ${target}`);

/** Name of a link in a list of scalers. */
export const linkScalerName = (source: string, namespace: string, packageName: string, target: string): string =>
  `${source} -(${namespace}:${packageName})-> ${target}`;

/** One application in wadm's list. */
export function modelSummary(
  name: string,
  versions: Versions,
  annotations: Readonly<Record<string, string>>,
  status: WadmStatusInfo,
  scalers: readonly WadmScalerStatus[],
): WadmModelSummary {
  return {
    name,
    version: latestVersion(versions) ?? '',
    description: annotations[annotationNames.description] ?? null,
    deployed_version: versions.deployed ?? null,
    detailed_status: wadmStatus(status, scalers),
    // Clients that read the deprecated field do not know `waiting`.
    status: status.type === 'waiting' ? 'undeployed' : status.type,
    status_message: status.message ?? null,
  };
}

/** Room for a message in the status of an Application. */
const MESSAGE_LIMIT = 4_096;

const info = (type: WadmStatusType, message: string): WadmStatusInfo =>
  message === '' ? { type } : { type, message: message.slice(0, MESSAGE_LIMIT) };
