import {
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

/** Makes the member's WasmCloudHost and Lease say what was seen. Writes only what is different, and the Lease. */
export async function writeHost(
  member: Member,
  sighting: Sighting,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<void> {
  const { client } = member;
  const name = hostNameOf(sighting.id);
  const fieldManager = fieldManagers.repeater;
  const known = member.hosts.get(name);
  const object =
    known !== undefined && isAsDesired(known, sighting)
      ? known
      : await client.apply<HostObject>(WasmCloudHost, desiredHost(sighting), { fieldManager, force: true, signal });
  const status = { now: new Date(now).toISOString(), fieldManager, signal };
  await updateStatus<HostStatus, HostObject>(client, WasmCloudHost, object, desiredStatus(object, sighting), status);
  if (!sighting.stopped) await renewLease(member, name, sighting.id, now, signal);
}

async function renewLease(
  { client }: Member,
  hostName: string,
  holder: string,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const name = leases.host(hostName);
  const renewTime = microTime(now);
  const spec = { holderIdentity: holder, leaseDurationSeconds: leaseSeconds.legacyHost, renewTime };
  try {
    await client.patch(builtin.Lease, name, SYSTEM_NAMESPACE, { spec }, { type: 'merge', signal });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const metadata = { name, namespace: SYSTEM_NAMESPACE };
    await client.create(builtin.Lease, { metadata, spec: { ...spec, acquireTime: renewTime } }, { signal });
  }
}
