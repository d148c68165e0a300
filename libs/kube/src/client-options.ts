import type { ObjectMeta } from '@kasmcloud/kube-api';
import type { Impersonation } from './target.ts';
import type { Subresource } from './resource-path.ts';

/** Anything that turns an unknown answer into a typed one, or throws: a zod schema, for example. */
export interface Parser<T> {
  parse(value: unknown): T;
}

/** The least that every object of every kind has. */
export interface AnyObject {
  readonly metadata: ObjectMeta;
}

/** An object on its way to the server; `apiVersion` and `kind` come from the Kind. */
export type Draft =
  | { readonly metadata: Partial<ObjectMeta> }
  | { readonly metadata: Partial<ObjectMeta>; readonly [part: string]: unknown };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: the client's. */
  readonly timeoutMs?: number;
}

export interface ReadOptions<T> extends CallOptions {
  /** Checks the answer; without one the caller's type is trusted. */
  readonly parser?: Parser<T>;
}

export interface WriteOptions<T> extends ReadOptions<T> {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
}

export interface ApplyOptions<T> extends WriteOptions<T> {
  readonly fieldManager: string;
  /** Takes fields from other managers instead of failing with ConflictError. */
  readonly force?: boolean;
  readonly subresource?: Subresource;
}

export interface PatchOptions<T> extends WriteOptions<T> {
  readonly type: 'merge' | 'json';
  readonly subresource?: Subresource;
}

export interface DeleteOptions extends CallOptions {
  /** Deletes only this very object; another of the same name gives ConflictError. */
  readonly uid?: string | undefined;
  /** Deletes only the object as it was read. */
  readonly resourceVersion?: string | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly dryRun?: boolean;
}

export interface Selection {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions<T> extends Selection, ReadOptions<T> {
  /** Objects asked for at a time. All of them are read, whatever it is. Default 500. */
  readonly limit?: number;
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** The version that the list shows; a watch goes on from here. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  /** Asks for marks of progress. Default true. */
  readonly bookmarks?: boolean;
  /** How long the server keeps the watch before it ends it in peace, seconds. Default 300. */
  readonly timeoutSeconds?: number;
  /** A watch that brings not even a bookmark for so long counts as broken. Default 90,000. */
  readonly idleMs?: number;
  /** Called once the server has accepted the watch, which may be long before its first event. */
  readonly onOpen?: () => void;
}

export interface ClientOptions {
  /** Deadline of a call, milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
  readonly impersonate?: Impersonation;
}
