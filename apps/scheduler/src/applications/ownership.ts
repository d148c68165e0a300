import {
  annotations,
  Application as ApplicationKind,
  fieldManagers,
  GitSource,
  labels,
  type ApplicationObject,
  type GitSourceObject,
} from '@kasmcloud/kube-api';
import { redactText } from '@kasmcloud/observe';

/** The APIs that keep versions together: what one deployed the other may change. */
const versionedWriters: readonly string[] = [fieldManagers.rest, fieldManagers.wadm];

/** Who writes an Application, when it is not the version APIs. */
export interface Owner {
  /** Git says the same again at its next sync: nobody can take it over here. */
  readonly isGit: boolean;
  /** For whoever tried to write. */
  readonly message: string;
}

/** The one manager of an Application. `sourceOf` finds the GitSource of a `namespace/name`. */
export function ownerOf(
  { metadata }: ApplicationObject,
  sourceOf: (key: string) => GitSourceObject | undefined,
): Owner | undefined {
  const what = `${ApplicationKind.kind} ${metadata.name}`;
  const source = metadata.labels?.[labels.gitSource];
  if (source !== undefined) {
    const found = sourceOf(`${metadata.namespace}/${source}`);
    const [url = found?.spec.url ?? 'a repository', ...path] =
      metadata.annotations?.[annotations.gitOrigin]?.split(' ') ?? [];
    const commit = found?.status?.lastAppliedRevision;
    const place = [redactText(url), ...path, ...(commit === undefined ? [] : [`at ${commit}`])].join(' ');
    return { isGit: true, message: `${what} belongs to ${GitSource.kind} ${source} (${place}): change it there` };
  }
  const manager = foreignManager(metadata.managedFields ?? []);
  if (manager === undefined) return undefined;
  return { isGit: false, message: `${what} is written by ${manager}: change it there, or take it over with force` };
}

/** Who else wrote what is deployed. */
function foreignManager(managed: readonly unknown[]): string | undefined {
  for (const entry of managed) {
    if (typeof entry !== 'object' || entry === null || !('manager' in entry) || !('fieldsV1' in entry)) continue;
    const spec = fieldAt(entry.fieldsV1, 'f:spec');
    if (typeof entry.manager !== 'string' || versionedWriters.includes(entry.manager)) continue;
    if (fieldAt(spec, 'f:components') !== undefined) return entry.manager;
  }
  return undefined;
}

const fieldAt = (fields: unknown, name: string): unknown =>
  typeof fields === 'object' && fields !== null ? Object.entries(fields).find(([key]) => key === name)?.[1] : undefined;
