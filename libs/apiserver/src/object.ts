import { type JsonObject, isObject } from './schema/json.ts';

export type StringMap = Record<string, string>;

export interface OwnerReference extends JsonObject {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** The part of `metadata` that the server itself reads or writes. */
export interface ObjectMeta extends JsonObject {
  name: string;
  generateName?: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  /** RFC 3339, whole seconds, UTC. */
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: StringMap;
  annotations?: StringMap;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: JsonObject[];
}

/** An object as the store holds it. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export interface GroupResource {
  /** '' for the core group. */
  readonly group: string;
  /** Lower-case plural. */
  readonly plural: string;
}

/** `plural.group`, as error messages and CRD names write it. */
export const qualifiedName = ({ group, plural }: GroupResource): string =>
  group === '' ? plural : `${plural}.${group}`;

/** `kind.group`, as validation messages write it. */
export const qualifiedKind = ({ group, kind }: { readonly group: string; readonly kind: string }): string =>
  group === '' ? kind : `${kind}.${group}`;

/** `group/version`, or `version` for the core group. */
export const apiVersion = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group === '' ? version : `${group}/${version}`;

/** Metadata of an object a client sent, before anything about it is known to be right. */
export const sentMetadata = (object: JsonObject): JsonObject => asObject(object['metadata']);

export const stringOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);

/** RFC 3339 with whole seconds: the `Time` of Kubernetes. */
export function timestamp(at: Date): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  if (seconds !== latest.seconds) latest = { seconds, text: `${at.toISOString().slice(0, 19)}Z` };
  return latest.text;
}

/** Nearly all that is written within a second is written at that second. */
let latest = { seconds: Number.NaN, text: '' };

/** RFC 3339 with microseconds: the `MicroTime` of Kubernetes. */
export const microTimestamp = (at: Date): string => `${at.toISOString().slice(0, 23)}000Z`;

export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const asStrings = (value: unknown): string[] =>
  asList(value).filter((item): item is string => typeof item === 'string');
