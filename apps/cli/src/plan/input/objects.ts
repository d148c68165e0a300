import {
  apiVersionOf,
  Application,
  builtin,
  kinds,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudLink,
  WasmCloudPlacement,
  WasmCloudProvider,
  type Kind,
} from '@kasmcloud/kube-api';
import {
  parseManifests,
  validateWith,
  type JsonObject,
  type JsonValue,
  type ManifestDocument,
  type ManifestSchema,
} from '@kasmcloud/manifest';
import { oversizedDocument } from './oversize.ts';
import { Findings } from './problems.ts';
import * as schemas from './schemas.ts';
import type { Source } from './sources.ts';

/** An object, and where it was written. */
export interface Located<T> {
  readonly object: T;
  readonly document: ManifestDocument;
}

/** What the input holds, each object valid by itself; `errors` name the ones that are not. */
export class InputObjects {
  readonly clusters: Located<schemas.ClusterInput>[] = [];
  readonly hosts: Located<schemas.HostInput>[] = [];
  readonly distributions: Located<schemas.DistributionInput>[] = [];
  readonly placements: Located<schemas.PlacementInput>[] = [];
  readonly actors: Located<schemas.ActorInput>[] = [];
  readonly providers: Located<schemas.ProviderInput>[] = [];
  readonly namespaces: Located<schemas.NamespaceInput>[] = [];
  readonly links: Located<schemas.LinkInput>[] = [];
  readonly configMaps: Located<schemas.ConfigMapInput>[] = [];
  readonly applications: ManifestDocument[] = [];
}

/** A dump of a whole supercluster is one file: larger than what one commit may bring. */
const limits = { maxBytes: 64 * 1024 * 1024, maxDocuments: 1_000_000 };

/** Reads every object of the sources. Kinds that place nothing are passed over. Never throws. */
export function readObjects(sources: readonly Source[], findings: Findings): InputObjects {
  const objects = new InputObjects();
  for (const source of sources) {
    const { file, bytes } = source;
    const oversized = oversizedDocument(source);
    if (oversized !== undefined) {
      findings.errors.push(oversized);
      continue;
    }
    const { documents, problems } = parseManifests(bytes, { file, limits });
    findings.errors.push(...problems);
    for (const document of documents) take(withoutNulls(document), objects, findings);
  }
  return objects;
}

function take(document: ManifestDocument, objects: InputObjects, findings: Findings): void {
  const kind = kindOf(document, findings);
  if (kind === undefined) return;
  const add = <T>(list: Located<T>[], schema: ManifestSchema<T>): void => {
    const valid = validateWith(document, schema);
    if (valid.kind === 'valid') list.push({ object: valid.value, document });
    else findings.errors.push(...valid.problems);
  };
  switch (kind) {
    case WasmCloudCluster:
      return add(objects.clusters, schemas.cluster);
    case WasmCloudHost:
      return add(objects.hosts, schemas.host);
    case WasmCloudDistribution:
      return add(objects.distributions, schemas.distribution);
    case WasmCloudPlacement:
      return add(objects.placements, schemas.placement);
    case WasmCloudActor:
      return add(objects.actors, schemas.actor);
    case WasmCloudProvider:
      return add(objects.providers, schemas.provider);
    case WasmCloudLink:
      return add(objects.links, schemas.link);
    case builtin.ConfigMap:
      return add(objects.configMaps, schemas.configMap);
    case builtin.Namespace:
      return add(objects.namespaces, schemas.namespace);
    case Application:
      objects.applications.push(document);
  }
}

const known: readonly Kind[] = [...kinds, builtin.ConfigMap, builtin.Namespace];
const ownGroups = new Set(kinds.map(({ group }) => group));

/** The kind of a document; undefined for what is none of ours. A near miss of one of ours is an error. */
function kindOf(document: ManifestDocument, findings: Findings): Kind | undefined {
  const { apiVersion, kind } = document;
  const found = known.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
  if (found !== undefined) return found;
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
  if (!ownGroups.has(group)) return undefined;
  const sameName = kinds.find((one) => one.kind === kind && one.group === group);
  if (sameName === undefined) findings.error(document, ['kind'], `there is no kind ${kind} in ${group}`);
  else findings.error(document, ['apiVersion'], `write ${apiVersionOf(sameName)}: ${apiVersion} is not known`);
  return undefined;
}

/** A field without a value is as if it were not there, as API servers have it. */
const withoutNulls = (document: ManifestDocument): ManifestDocument => ({
  ...document,
  value: presentFields(document.value),
});

const presentFields = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, present(value)]),
  );

function present(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(present);
  return typeof value === 'object' && value !== null ? presentFields(value) : value;
}
