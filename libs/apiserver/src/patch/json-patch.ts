import { copy, get, isObject, isTooDeep, maxDepth, put, sameJson } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { PatchError } from './patch-error.ts';

type Container = JsonObject | unknown[];

/** kube-apiserver refuses longer patches. */
const maxOperations = 10_000;
/** `copy` can double a document at every step; kube-apiserver bounds what copies may add. */
const maxCopiedBytes = 3 * 1024 * 1024;

/**
 * JSON patch (RFC 6902). Neither argument is changed.
 * @throws PatchError when an operation is malformed or does not apply; none is applied then
 */
export function jsonPatch(doc: JsonObject, patch: unknown): JsonObject {
  if (!Array.isArray(patch)) throw new PatchError('a JSON patch must be an array of operations');
  if (patch.length > maxOperations) {
    throw new PatchError(
      `the allowed maximum operations in a JSON patch is ${maxOperations}, got ${String(patch.length)}`,
    );
  }
  if (isTooDeep(patch)) throw new PatchError(`a JSON patch must not be nested more than ${maxDepth} levels`);
  const document = new Document(copy(doc));
  for (const operation of patch) document.apply(operation);
  if (!isObject(document.root)) throw new PatchError('the patched document must be a JSON object');
  return document.root;
}

class Document {
  root: unknown;
  private copiedBytes = 0;

  constructor(root: JsonObject) {
    this.root = root;
  }

  apply(operation: unknown): void {
    if (!isObject(operation)) throw new PatchError('an operation of a JSON patch must be an object');
    const op = get(operation, 'op');
    const path = pointer(operation, 'path');
    switch (op) {
      case 'add':
        return this.add(path, copy(valueOf(operation)), op);
      case 'remove':
        return this.remove(path, op);
      case 'replace':
        return this.replace(path, copy(valueOf(operation)));
      case 'test':
        return this.test(path, valueOf(operation));
      case 'move': {
        const from = pointer(operation, 'from');
        if (isPrefix(from, path)) throw fails(op, path, 'a value cannot move into itself');
        const moved = this.read(from, op);
        this.remove(from, op);
        return this.add(path, moved, op);
      }
      case 'copy': {
        const copied = copy(this.read(pointer(operation, 'from'), op));
        this.copiedBytes += JSON.stringify(copied).length;
        if (this.copiedBytes > maxCopiedBytes) throw fails(op, path, `copies exceed ${maxCopiedBytes} bytes`);
        return this.add(path, copied, op);
      }
      default:
        throw new PatchError(`unexpected kind of operation: ${JSON.stringify(op)}`);
    }
  }

  private add(path: string[], value: unknown, op: string): void {
    const key = path.at(-1);
    if (key === undefined) {
      this.root = value;
      return;
    }
    const parent = this.parent(path, op);
    if (Array.isArray(parent))
      parent.splice(key === '-' ? parent.length : index(key, parent.length, op, path), 0, value);
    else put(parent, key, value);
  }

  private remove(path: string[], op: string): void {
    const key = path.at(-1);
    if (key === undefined) throw fails(op, path, 'the whole document cannot be removed');
    const parent = this.parent(path, op);
    member(parent, key, op, path);
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }

  private replace(path: string[], value: unknown): void {
    const key = path.at(-1);
    if (key === undefined) {
      this.root = value;
      return;
    }
    const parent = this.parent(path, 'replace');
    // As in kube-apiserver, a member of an object need not be there to be replaced.
    if (!Array.isArray(parent)) return put(parent, key, value);
    member(parent, key, 'replace', path);
    parent[Number(key)] = value;
  }

  /** As in kube-apiserver, `null` is what a missing member of an object equals. */
  private test(path: string[], value: unknown): void {
    const key = path.at(-1);
    const parent = key === undefined ? undefined : this.parent(path, 'test');
    const absent = key !== undefined && isObject(parent) && !Object.hasOwn(parent, key);
    if (sameJson(absent ? null : this.read(path, 'test'), value)) return;
    throw new PatchError(`testing value ${text(path)} failed: test failed`);
  }

  private parent(path: string[], op: string): Container {
    const parent = this.read(path.slice(0, -1), op);
    if (Array.isArray(parent) || isObject(parent)) return parent;
    throw fails(op, path, 'doc is missing path');
  }

  private read(path: string[], op: string): unknown {
    let value = this.root;
    for (const key of path) {
      if (!Array.isArray(value) && !isObject(value)) throw fails(op, path, 'doc is missing path');
      value = member(value, key, op, path);
    }
    return value;
  }
}

function member(container: Container, key: string, op: string, path: string[]): unknown {
  if (Array.isArray(container)) return container[index(key, container.length - 1, op, path)];
  if (!Object.hasOwn(container, key)) throw fails(op, path, 'doc is missing key');
  return container[key];
}

function index(key: string, last: number, op: string, path: string[]): number {
  if (!/^(0|[1-9]\d*)$/.test(key)) throw fails(op, path, `invalid array index ${JSON.stringify(key)}`);
  const position = Number(key);
  if (position > last) throw fails(op, path, `index ${key} is out of bounds`);
  return position;
}

function valueOf(operation: JsonObject): unknown {
  if (!Object.hasOwn(operation, 'value'))
    throw new PatchError(`operation ${JSON.stringify(operation['op'])} needs a value`);
  return operation['value'];
}

function pointer(operation: JsonObject, field: 'path' | 'from'): string[] {
  const value = get(operation, field);
  if (typeof value !== 'string')
    throw new PatchError(`operation ${JSON.stringify(get(operation, 'op'))} needs a ${field}`);
  if (value === '') return [];
  if (!value.startsWith('/')) throw new PatchError(`${field} ${JSON.stringify(value)} must be empty or start with "/"`);
  return value
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isPrefix(from: string[], path: string[]): boolean {
  return from.length < path.length && from.every((token, position) => token === path[position]);
}

function text(path: string[]): string {
  return path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function fails(op: string, path: string[], reason: string): PatchError {
  return new PatchError(`${op} operation does not apply: ${reason}: ${text(path)}`);
}
