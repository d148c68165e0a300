import type { KubeObject } from '../object.ts';
import type { Store } from '../store/store.ts';
import type { Registry } from './registry.ts';
import type { Resource } from './resource.ts';

/** What every operation on objects works with: the state, and the sources of time and chance. */
export interface Cluster {
  readonly store: Store;
  readonly registry: Registry;
  now(): Date;
  uid(): string;
  /** Five characters that make a generated name unique. */
  nameSuffix(): string;
}

/** Who asks for a write, and how it is to be done. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Filled with what the client should know although the write succeeded. */
  readonly warnings: string[];
  /** Throws where this writer may not store this object; `live` is what it replaces. */
  readonly admit?: (resource: Resource, next: KubeObject, live: KubeObject | undefined) => void;
}

/** Names one object, or with an empty name the collection. */
export interface Target {
  /** '' for cluster-scoped objects and for lists over all namespaces. */
  readonly namespace: string;
  readonly name: string;
}
