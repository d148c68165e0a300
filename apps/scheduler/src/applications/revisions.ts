import {
  annotations,
  apiVersionOf,
  Application as ApplicationKind,
  builtin,
  labels,
  type ApplicationObject,
  type ObjectMeta,
} from '@kasmcloud/kube-api';
import type { Draft, KubeClient } from '@kasmcloud/kube';
import { sha256 } from '../plan/revision.ts';
import type { Manifest } from './manifest.ts';

/** A ControllerRevision of an Application: one version that was put. */
export interface Revision {
  readonly metadata: ObjectMeta;
  readonly data: Manifest;
  /** Counts up with every put. */
  readonly revision: number;
}

export const versionOf = ({ metadata }: Revision): string => metadata.annotations?.[annotations.version] ?? '';

/** The same version of the same Application always has the same name, so that it cannot be stored twice. */
export const revisionName = (application: string, version: string): string =>
  `${application}-${sha256(version).slice(0, 10)}`;

export function draftRevision(
  { metadata }: ApplicationObject,
  version: string,
  manifest: Manifest,
  revision: number,
): Draft {
  return {
    metadata: {
      name: revisionName(metadata.name, version),
      namespace: metadata.namespace ?? '',
      labels: { [labels.application]: metadata.name },
      annotations: { [annotations.version]: version },
      ownerReferences: [
        {
          apiVersion: apiVersionOf(ApplicationKind),
          kind: ApplicationKind.kind,
          name: metadata.name,
          uid: metadata.uid ?? '',
          controller: true,
        },
      ],
    },
    data: manifest,
    revision,
  };
}

/** Revisions of one Application, or of all Applications of a namespace, in no order. */
export async function listRevisions(
  hub: KubeClient,
  namespace: string,
  application: string | undefined,
  signal: AbortSignal,
): Promise<readonly Revision[]> {
  const labelSelector = application === undefined ? labels.application : `${labels.application}=${application}`;
  const { items } = await hub.list<Revision>(builtin.ControllerRevision, { namespace, labelSelector, signal });
  return items;
}
