import {
  apiVersionOf,
  builtin,
  fieldManagers,
  leases,
  leaseSeconds,
  SYSTEM_NAMESPACE,
  WasmCloudHost,
  type HostObject,
  type HostStatus,
} from '@kasmcloud/kube-api';
import { microTime, NotFoundError, updateStatus } from '@kasmcloud/kube';
import type { Member } from '../members/member.ts';
import { desiredHost, desiredStatus, hostNameOf, isAsDesired } from './host-object.ts';
import type { Sighting } from './sighting.ts';

export interface Writing {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Makes the member's WasmCloudHost say what was seen, apart from its status. Writes only what is different. */
export async function writeHost(member: Member, sighting: Sighting, signal: AbortSignal): Promise<HostObject> {
  const known = member.hosts.get(hostNameOf(sighting.id));
  if (known !== undefined && isAsDesired(known, sighting)) return known;
  const options = { fieldManager: fieldManagers.repeater, force: true, signal };
  return member.client.apply<HostObject>(WasmCloudHost, desiredHost(sighting), options);
}

/** The same for the status. `faults`: what is wrong with the host besides what was seen of it. */
export async function writeHostStatus(
  { client }: Member,
  object: HostObject,
  sighting: Sighting,
  faults: readonly string[],
  { now, signal }: Writing,
): Promise<HostObject> {
  const options = { now: new Date(now).toISOString(), fieldManager: fieldManagers.repeater, signal };
  const wanted = desiredStatus(object, sighting, faults);
  return updateStatus<HostStatus, HostObject>(client, WasmCloudHost, object, wanted, options);
}

/** Tells that the host lives. */
export async function renewHost(
  { client }: Member,
  { metadata: { name: hostName, uid } }: HostObject,
  holder: string,
  { now, signal }: Writing,
): Promise<void> {
  const name = leases.host(hostName);
  const renewTime = microTime(now);
  const spec = { holderIdentity: holder, leaseDurationSeconds: leaseSeconds.legacyHost, renewTime };
  try {
    await client.patch(builtin.Lease, name, SYSTEM_NAMESPACE, { spec }, { type: 'merge', signal });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const owner = { apiVersion: apiVersionOf(WasmCloudHost), kind: WasmCloudHost.kind, name: hostName, uid: uid ?? '' };
    const metadata = { name, namespace: SYSTEM_NAMESPACE, ownerReferences: [owner] };
    await client.create(builtin.Lease, { metadata, spec: { ...spec, acquireTime: renewTime } }, { signal });
  }
}
