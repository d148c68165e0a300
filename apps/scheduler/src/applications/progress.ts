import type { ApplicationObject } from '@kasmcloud/kube-api';
import { statusText } from '@kasmcloud/oam';
import { wadmStatus, type WadmScalerStatus, type WadmStatus, type WadmStatusInfo } from '@kasmcloud/wire';

const types = ['waiting', 'undeployed', 'reconciling', 'deployed', 'failed', 'unhealthy'] as const;

/** Status of an Application in wadm's form. Before the first look at what was deployed just now, that is what it says. */
export function statusOf({ metadata, spec, status }: ApplicationObject): WadmStatus {
  if (spec.components.length === 0) return wadmStatus({ type: 'undeployed', message: statusText.undeployed });
  if (status?.status === undefined) return wadmStatus({ type: 'waiting', message: statusText.waiting });
  if (status.observedGeneration !== metadata.generation) return wadmStatus({ type: 'reconciling' });
  return wadmStatus(toInfo(status.status), scalersOf(status.scalers ?? []));
}

/** Of an Application that nobody has put. */
export const unknownStatus: WadmStatus = wadmStatus({ type: 'undeployed' });

type Told = NonNullable<NonNullable<ApplicationObject['status']>['status']>;

function toInfo({ type, message }: Told): WadmStatusInfo {
  const known = types.find((one) => one === type) ?? 'undeployed';
  return message === undefined || message === '' ? { type: known } : { type: known, message };
}

const scalersOf = (scalers: NonNullable<NonNullable<ApplicationObject['status']>['scalers']>): WadmScalerStatus[] =>
  scalers.map(({ id, kind, name, status }) => ({ id, kind, name, status: toInfo(status) }));
