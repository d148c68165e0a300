import {
  annotations,
  apiVersionOf,
  Application as ApplicationKind,
  GROUP,
  type ApplicationSpec,
} from '@kasmcloud/kube-api';
import { fieldText, parseManifests, validateWith, type JsonObject, type ManifestDocument } from '@kasmcloud/manifest';
import { compile, hasErrors, parseApplication, type Problem } from '@kasmcloud/oam';
import { z } from 'zod';

type Texts = Readonly<Record<string, string>>;

/** A wadm manifest as it is stored: what its author wrote, without what a cluster added. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Texts; readonly labels?: Texts };
  readonly spec: ApplicationSpec;
}

export type ManifestRead =
  | { readonly kind: 'good'; readonly manifest: Manifest; readonly warnings: readonly Problem[] }
  /** `parse`: it is no manifest; `check`: it breaks a rule. Warnings are told beside the errors. */
  | { readonly kind: 'refused'; readonly stage: 'parse' | 'check'; readonly problems: readonly Problem[] };

/** Where a manifest is put. What it says of its place itself must be the same. */
export interface Target {
  readonly namespace: string;
  /** Absent: the manifest's own. */
  readonly name?: string;
}

/** What a Kubernetes label, a NATS token and an object's name allow together. */
export const APPLICATION_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Room for a version in the status of an Application. */
const VERSION_LIMIT = 253;

const texts = z.record(z.string(), z.string());
/** What is kept of a manifest. */
const stored = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), annotations: texts.optional(), labels: texts.optional() }),
  spec: ApplicationKind.spec,
});

/**
 * Reads one Application out of YAML or JSON and checks everything that can be known without a cluster. All problems are
 * told at once, each with field, line and column. Never throws.
 */
export function readManifest(text: string | Uint8Array, target: Target): ManifestRead {
  const { documents, problems } = parseManifests(text, { file: 'manifest' });
  if (problems.length > 0) return { kind: 'refused', stage: 'parse', problems: problems.map(toProblem) };
  const [document, ...more] = documents;
  if (document === undefined || more.length > 0) {
    const message = `exactly one ${ApplicationKind.kind} is expected, not ${documents.length}`;
    return { kind: 'refused', stage: 'parse', problems: [{ severity: 'Error', field: '', message }] };
  }
  const found = [...judge(document), ...checkPlace(document, target)];
  if (hasErrors(found)) return { kind: 'refused', stage: 'check', problems: found };
  const valid = validateWith({ ...document, value: withoutNulls(document.value) }, stored);
  if (valid.kind === 'invalid') return { kind: 'refused', stage: 'check', problems: valid.problems.map(toProblem) };
  return { kind: 'good', manifest: plain(valid.value), warnings: found };
}

/** What the rules of wadm and ours say of its meaning, shape first. */
function judge({ value, apiVersion, kind, positionOf }: ManifestDocument): readonly Problem[] {
  if (apiVersion !== apiVersionOf(ApplicationKind) || kind !== ApplicationKind.kind) {
    const message = `expected ${apiVersionOf(ApplicationKind)} ${ApplicationKind.kind}, not ${apiVersion} ${kind}`;
    return [{ severity: 'Error', field: 'kind', message, position: positionOf(['kind']) }];
  }
  const { application, problems } = parseApplication(value, positionOf);
  if (application === undefined) return problems;
  const { name } = application;
  return [...problems, ...compile(application, { namespace: '', name, positionOf }).problems];
}

function checkPlace({ value, positionOf }: ManifestDocument, target: Target): readonly Problem[] {
  const metadata = isObject(value['metadata']) ? value['metadata'] : {};
  const problems: Problem[] = [];
  const refuse = (path: string[], message: string): void => {
    const at = ['metadata', ...path];
    problems.push({ severity: 'Error', field: fieldText(at), message, position: positionOf(at) });
  };
  const { name, namespace } = metadata;
  if (typeof name === 'string' && !APPLICATION_NAME.test(name)) {
    refuse(
      ['name'],
      `'${name.slice(0, 100)}' cannot be the name of an Application: here it has at most 63 characters, lower case letters, ` +
        'digits and dashes, and begins and ends with a letter or digit',
    );
  }
  if (target.name !== undefined && name !== target.name) refuse(['name'], `is not ${target.name}, as the request says`);
  if (typeof namespace === 'string' && namespace !== target.namespace)
    refuse(['namespace'], `is not ${target.namespace}, as the request says`);
  for (const part of ['annotations', 'labels'] as const) {
    const entries = isObject(metadata[part]) ? Object.entries(metadata[part]) : [];
    for (const [key, text] of entries) {
      if (isReserved(key)) refuse([part, key], `names of ${GROUP} are written by its controllers only`);
      else if (
        part === 'annotations' &&
        key === annotations.version &&
        typeof text === 'string' &&
        text.length > VERSION_LIMIT
      )
        refuse([part, key], `has more than ${VERSION_LIMIT} characters`);
    }
  }
  return problems;
}

const isReserved = (key: string): boolean => key.startsWith(`${GROUP}/`) || key.includes(`.${GROUP}/`);
/** Annotations that tools write for themselves beside those of the author. */
const isForeign = (key: string): boolean => isReserved(key) || key.startsWith('kubectl.kubernetes.io/');

/** The manifest of what an Application object says now. */
export function manifestOfObject(object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Texts; readonly labels?: Texts };
  readonly spec: ApplicationSpec;
}): Manifest {
  const { name, annotations = {}, labels = {} } = object.metadata;
  const own = (all: Texts): Texts => Object.fromEntries(Object.entries(all).filter(([key]) => !isForeign(key)));
  const { apiVersion, kind, spec } = object;
  return plain({ apiVersion, kind, metadata: { name, annotations: own(annotations), labels: own(labels) }, spec });
}

/** Empty maps are left out, so that equal manifests are equal. */
function plain({ apiVersion, kind, metadata, spec }: z.infer<typeof stored> | Manifest): Manifest {
  const { name, annotations = {}, labels = {} } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(Object.keys(labels).length > 0 && { labels }),
    },
    spec,
  };
}

/** The version that its author gave it. */
export function versionIn({ metadata }: Manifest): string | undefined {
  const version = metadata.annotations?.[annotations.version];
  return version === '' ? undefined : version;
}

export const withVersion = (manifest: Manifest, version: string): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, [annotations.version]: version } },
});

/** wadm reads null as absent; our schema and those of CRDs do not. */
function withoutNulls(manifest: JsonObject): JsonObject {
  const spec = manifest['spec'];
  if (!isObject(spec) || !Array.isArray(spec['components'])) return manifest;
  const components = spec['components'].map((one) => (isObject(one) ? present(one) : one));
  const metadata = isObject(manifest['metadata']) ? present(manifest['metadata']) : {};
  return { ...manifest, metadata, spec: { ...present(spec), components } };
}

const present = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `metadata.name: … (line 3, column 5)`, as far as it is known. */
export const problemText = ({ field, message, position }: Problem): string =>
  [...(field === '' ? [] : [field]), message].join(': ') +
  (position === undefined ? '' : ` (line ${position.line}, column ${position.column})`);

const toProblem = (problem: { line: number; column: number; field?: string; message: string }): Problem => ({
  severity: 'Error',
  field: problem.field ?? '',
  message: problem.message,
  position: { line: problem.line, column: problem.column },
});
