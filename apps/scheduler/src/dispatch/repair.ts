import { fieldManagers, type KubeObject } from '@kasmcloud/kube-api';

/** Something that a writer put right again, because somebody else had changed it. */
export interface Repair {
  readonly kind: string;
  readonly name: string;
  /** Field managers that had changed its spec; none when it was deleted. */
  readonly managers: readonly string[];
}

interface ManagedFields {
  readonly manager?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** Field managers besides the writers that own a part of an object's spec. */
export function foreignManagers({ metadata }: KubeObject): string[] {
  const managed = (metadata.managedFields ?? []).filter(isManagedFields);
  const foreign = managed.filter(
    ({ manager, subresource, fieldsV1 }) =>
      manager !== fieldManagers.writer && subresource === undefined && fieldsV1?.['f:spec'] !== undefined,
  );
  return [...new Set(foreign.map(({ manager }) => manager ?? 'unknown'))].toSorted();
}

const isManagedFields = (value: unknown): value is ManagedFields => typeof value === 'object' && value !== null;

/** What an event says of a repair in a cluster. */
export const repairNote = (cluster: string, { kind, name, managers }: Repair): string =>
  managers.length === 0
    ? `${cluster}: ${kind} ${name} was deleted; it is made again`
    : `${cluster}: ${kind} ${name} was changed by ${managers.join(', ')}; it is as it was decided again`;
