import type { JsonObject } from '../schema/json.ts';
import type { KubeObject } from '../object.ts';
import type { CompiledSchema, FieldError } from '../schema/index.ts';
import type { Column } from '../table/index.ts';
import type { Surroundings } from './builtin/pod-admission.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** Where the numbers of a `Scale` are in an object. Paths are object keys below the root. */
export interface ScalePaths {
  readonly replicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly selector: readonly string[] | undefined;
}

/** Rows for `kubectl get` whose cells are computed, for kinds that JSON paths cannot print. */
export interface Printer {
  readonly columns: readonly Omit<Column, 'jsonPath'>[];
  /** An annotation that the objects of its rows do not carry. */
  readonly unprintedAnnotation?: string;
  cells(object: KubeObject, now: Date): readonly (string | number | boolean | null)[];
}

/** What a kind does with its objects beyond what all kinds do. All functions are pure. */
export interface Strategy {
  /** 'subdomain' is RFC 1123 with dots, 'label' without, 'namespace' and 'serviceLabel' the same in other words, 'path' any single path segment. */
  readonly names: 'subdomain' | 'label' | 'namespace' | 'serviceLabel' | 'path';
  /** Whether `metadata.generation` counts the changes of what the user asks for. */
  readonly generation: boolean;
  /** Whether an update may leave `metadata.resourceVersion` out. */
  readonly unconditionalUpdate: boolean;
  /** Whether an update of an object that is not there creates it. */
  readonly createOnUpdate: boolean;
  /** Whether a deletion answers with the object instead of a Status. */
  readonly returnsDeleted?: boolean;
  /** The kind that refusals name, where it is not the kind itself. */
  readonly refusedAs?: { readonly group: string; readonly kind: string };
  /** What the client should know of an object that is stored all the same. */
  warnings?(object: KubeObject): readonly string[];
  /** Leaves out what the schema cannot say is unknown, and names it. */
  prune?(object: JsonObject): { readonly object: JsonObject; readonly unknown: readonly string[] };
  /** Fills in defaults that the schema cannot say. They belong to the manager who wrote the object. */
  complete?(object: KubeObject): KubeObject;
  /** What the cluster adds to a new object, or why it does not take it: throws a 403. Nobody manages what it sets. */
  admitCreate?(object: KubeObject, surroundings: Surroundings): KubeObject;
  /** The object to store for what was asked; runs after defaulting and before validation. Nobody manages what it sets. */
  prepareCreate?(object: KubeObject): KubeObject;
  prepareUpdate?(object: KubeObject, old: KubeObject): KubeObject;
  /** What the schema cannot say. `old` is undefined for a create. */
  validate?(object: KubeObject, old: KubeObject | undefined): readonly FieldError[];
}

/** One resource in one version, as it is served. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** The store's bucket; versions of one resource share it. */
  readonly bucket: string;
  /** A custom resource, as opposed to a built-in one: the two differ in small ways a client can see. */
  readonly custom: boolean;
  readonly status: boolean;
  readonly scale: ScalePaths | undefined;
  /** Further subresources by name, to the verbs they take; each has its own handler. */
  readonly subresources: Readonly<Record<string, readonly Verb[]>>;
  readonly schema: JsonObject;
  readonly compiled: CompiledSchema;
  readonly columns: readonly Column[];
  readonly printer: Printer | undefined;
  /** Field selectors besides `metadata.name` and `metadata.namespace`: label to the value in an object. */
  readonly selectable: ReadonlyMap<string, (object: KubeObject) => string>;
  readonly strategy: Strategy;
  /** Turns an object as stored into this version, and back. */
  fromStorage(object: KubeObject): KubeObject;
  toStorage(object: KubeObject): KubeObject;
}
