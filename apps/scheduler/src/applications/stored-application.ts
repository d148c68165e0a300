import { annotations, type ApplicationObject } from '@kasmcloud/kube-api';
import { addVersion, type Versions } from '@kasmcloud/oam';
import { sha256 } from '../plan/revision.ts';
import { sameJson } from '../same-json.ts';
import { manifestOfObject, type Manifest } from './manifest.ts';
import { versionOf, type Revision } from './revisions.ts';

/** An Application with every version of it that is known. */
export interface StoredApplication {
  readonly object: ApplicationObject;
  /** Its own ones, in the order in which they were put. */
  readonly revisions: readonly Revision[];
  readonly versions: Versions;
}

/**
 * What is deployed is what the object's spec says. When kubectl or git wrote it, no revision of it may be there: then it
 * counts as the version put last.
 */
export function storedApplication(object: ApplicationObject, candidates: readonly Revision[]): StoredApplication {
  const revisions = candidates
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) === true)
    .toSorted((a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1));
  const deployed = deployedVersion(object);
  const order = revisions.map(versionOf);
  const versions = deployed === undefined ? { order, deployed } : addVersion({ order, deployed }, deployed);
  return { object, revisions, versions };
}

/** The version that is deployed: its annotation, or else one out of the generation, which every change of the spec raises. */
export function deployedVersion({ metadata, spec }: ApplicationObject): string | undefined {
  if (spec.components.length === 0) return undefined;
  const own = metadata.annotations?.[annotations.version];
  return own === undefined || own === '' ? `generation-${metadata.generation ?? 0}` : own;
}

/** The manifest of a version; of the deployed one, what is really deployed. */
export function manifestOf(stored: StoredApplication, version: string): Manifest | undefined {
  const revision = stored.revisions.find((one) => versionOf(one) === version);
  if (version !== stored.versions.deployed) return revision?.data;
  return revision !== undefined && isDeployed(stored, revision) ? revision.data : manifestOfObject(stored.object);
}

/** Whether a revision says what is deployed: kubectl may have changed the spec under the same version. */
export const isDeployed = ({ object }: StoredApplication, { data }: Revision): boolean =>
  sameJson(data.spec, object.spec);

/** Whether two manifests say the same; what they call their version is left out. */
export const sameContent = (a: Manifest, b: Manifest): boolean => content(a) === content(b);

const content = ({ metadata, spec }: Manifest): string => {
  const { [annotations.version]: _, ...others } = metadata.annotations ?? {};
  return sha256({ annotations: others, labels: metadata.labels ?? {}, spec });
};
