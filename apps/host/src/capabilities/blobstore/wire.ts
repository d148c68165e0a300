import type { FuncType, WitType } from '@kasmcloud/wrpc';
import { bool, fallible, list, option, record, string, tuple, u64 } from '../wit.ts';

/*
 * wrpc:blobstore, which wasmCloud 1.x makes of wasi:blobstore@0.2.0-draft on the wire. Its hosts ask for 0.2.0 first and
 * for 0.1.0 when nobody serves that; they differ in how the end of a stream is told.
 */

export type WireVersion = '0.2.0' | '0.1.0';

const id = record({ container: string, object: string });
const stream = (of: WitType): WitType => ({ kind: 'stream', of });
const end: WitType = { kind: 'future', of: { kind: 'result', err: string } };

/** The same in both versions. */
const plain = {
  'clear-container': fallible({ name: string }, undefined, string),
  'container-exists': fallible({ name: string }, bool, string),
  'create-container': fallible({ name: string }, undefined, string),
  'delete-container': fallible({ name: string }, undefined, string),
  'get-container-info': fallible({ name: string }, record({ 'created-at': u64 }), string),
  'copy-object': fallible({ src: id, dest: id }, undefined, string),
  'move-object': fallible({ src: id, dest: id }, undefined, string),
  'delete-object': fallible({ id }, undefined, string),
  'delete-objects': fallible({ container: string, objects: list(string) }, undefined, string),
  'get-object-info': fallible({ id }, record({ 'created-at': u64, size: u64 }), string),
  'has-object': fallible({ id }, bool, string),
} as const satisfies Record<string, FuncType>;

export type PlainFunction = keyof typeof plain;
export type StreamingFunction = 'list-container-objects' | 'get-container-data' | 'write-container-data';

const listing = { name: string, limit: option(u64), offset: option(u64) };
const reading = { id, start: u64, end: u64 };
const writing = { id, data: stream({ kind: 'u8' }) };

const streaming: Readonly<Record<WireVersion, Readonly<Record<StreamingFunction, FuncType>>>> = {
  '0.2.0': {
    'list-container-objects': fallible(listing, tuple(stream(string), end), string),
    'get-container-data': fallible(reading, tuple(stream({ kind: 'u8' }), end), string),
    'write-container-data': fallible(writing, end, string),
  },
  '0.1.0': {
    'list-container-objects': fallible(listing, stream(string), string),
    'get-container-data': fallible(reading, stream({ kind: 'u8' }), string),
    'write-container-data': fallible(writing, undefined, string),
  },
};

/** As which the runtime asks for what a guest calls. */
export const BLOBSTORE = 'wrpc:blobstore/blobstore@0.2.0';

export const wireInstance = (version: WireVersion): string => `wrpc:blobstore/blobstore@${version}`;

export const plainType = (func: PlainFunction): FuncType => plain[func];
export const streamingType = (version: WireVersion, func: StreamingFunction): FuncType => streaming[version][func];

export const plainFunctions = Object.keys(plain) as readonly PlainFunction[];
export const streamingFunctions = Object.keys(streaming['0.2.0']) as readonly StreamingFunction[];

/** How a stream ended, as 0.2.0 tells it. */
export type StreamEnd = { readonly tag: 'ok' } | { readonly tag: 'err'; readonly val: string };
