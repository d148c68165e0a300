import { camelCase, type FuncType, type WitType } from '@kasmcloud/wrpc';
import { WitError } from '../error.ts';
import type { FunctionRef, InterfaceRef } from '../inspect.ts';
import type { Guest } from './guest.ts';
import { isHandle, someType } from '../type-parts.ts';
import type { Interface } from './interface.ts';
import { className, memberOf } from './names.ts';

/**
 * A resource of an interface that the main thread serves. The guest holds the handle; what it stands for is a value of
 * the host's choosing, which the host gets back wherever the guest passes the handle.
 */
abstract class Handle {
  readonly #stands: unknown;

  constructor(stands: unknown) {
    this.#stands = stands;
  }

  static valueOf(handle: unknown): unknown {
    return handle instanceof Handle ? handle.#stands : handle;
  }
}

type HandleClass = new (stands: unknown) => Handle;

/** Classes by resource name, over all interfaces of one instance that the main thread serves. */
type Classes = ReadonlyMap<string, HandleClass>;

/**
 * The import objects of the interfaces that the main thread serves: each function is a message and its answer.
 * `tagsResults`: whether functions give the value of a WIT `result` as `{tag: 'ok', val}`. Generated bindings would take a
 * value of its own that has a `tag` for a result.
 */
export const linkedInterfaces = (
  guest: Guest,
  refs: readonly InterfaceRef[],
  tagsResults: boolean,
): Map<string, Interface> => {
  const classes = new Map<string, HandleClass>();
  for (const resource of refs.flatMap((ref) => ref.resources)) {
    // A class for each name: the bindings check what the guest passes by instanceof.
    classes.set(resource, class extends Handle {});
  }
  return new Map(refs.map((ref) => [ref.name, linkedInterface(guest, ref, classes, tagsResults)]));
};

const linkedInterface = (guest: Guest, ref: InterfaceRef, classes: Classes, tagsResults: boolean): Interface => {
  const members: Record<string, unknown> = {};
  for (const resource of ref.resources) members[className(resource)] = classes.get(resource);
  for (const func of ref.functions) {
    const member = memberOf(func.name);
    const call = remote(guest, ref.name, func, classes, tagsResults);
    if (member.kind === 'function') members[member.name] = call;
    else if (member.kind === 'constructor') members[member.resource] = constructed(classes, func);
    else {
      const owner = members[member.resource];
      if (typeof owner !== 'function') continue;
      if (member.kind === 'static') Object.assign(owner, { [member.name]: call });
      else Object.assign(owner.prototype, { [member.name]: method(call) });
    }
  }
  return members;
};

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** In WIT a method's first parameter is the resource itself; in JavaScript it is `this`. */
const method = (call: Call) =>
  function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
    return call(this, ...args);
  };

/** `new` cannot wait for the host, so what such a resource stands for is what it was made from. */
const constructed = (classes: Classes, func: FunctionRef): HandleClass => {
  const resource = func.type.result?.kind === 'own' ? func.type.result.resource : '';
  const owner = classes.get(resource);
  if (owner === undefined) throw new Error(`${func.name} makes a resource of another interface`);
  return new Proxy(owner, {
    construct: (target, args: readonly unknown[]) =>
      Reflect.construct(target, [args.map((arg) => Handle.valueOf(arg))]),
  });
};

const remote = (
  guest: Guest,
  instance: string,
  { name, type }: FunctionRef,
  classes: Classes,
  tagsResults: boolean,
): Call => {
  const isResult = type.result?.kind === 'result';
  const lower = argumentsOf(type);
  const lift = type.result !== undefined && hasHandle(type.result) ? lifting(type.result, classes) : undefined;
  return async (...args) => {
    try {
      const value = await guest.invoke(instance, name, lower(args));
      const lifted = lift === undefined ? value : lift(value);
      return isResult && tagsResults ? { tag: 'ok', val: lifted } : lifted;
    } catch (error) {
      if (error instanceof WitError && !isResult) {
        throw new Error(`${instance}.${name} failed: ${error.message}`, { cause: error });
      }
      throw error;
    }
  };
};

const argumentsOf = ({ params }: FuncType): ((args: readonly unknown[]) => unknown[]) => {
  const lowers = params.map(({ type }) => (hasHandle(type) ? lowering(type) : undefined));
  return (args) =>
    args.map((arg, index) => {
      const lower = lowers[index];
      return lower === undefined ? arg : lower(arg);
    });
};

const hasHandle = (type: WitType): boolean => someType(type, isHandle);

type Convert = (value: unknown) => unknown;

const lowering = (type: WitType): Convert => converting(type, () => (value) => Handle.valueOf(value));

const lifting = (type: WitType, classes: Classes): Convert =>
  converting(type, (resource) => {
    const Class = classes.get(resource);
    return (value) => {
      if (Class === undefined) throw new Error(`resource ${resource} is not one that the host serves`);
      return new Class(value);
    };
  });

/** Walks a value along its type and converts the handles in it. */
const converting = (type: WitType, handle: (resource: string) => Convert): Convert => {
  if (!hasHandle(type)) return (value) => value;
  if (isHandle(type)) return handle(type.resource);
  if (type.kind === 'list') {
    const item = converting(type.of, handle);
    return (value) => (Array.isArray(value) ? value.map((one: unknown) => item(one)) : value);
  }
  if (type.kind === 'option') {
    const some = converting(type.of, handle);
    return (value) => (value === undefined ? undefined : some(value));
  }
  if (type.kind === 'tuple') {
    const items = type.of.map((part) => converting(part, handle));
    return (value) => items.map((item, index) => item(Array.isArray(value) ? value[index] : undefined));
  }
  if (type.kind === 'record') {
    const fields = type.fields.map((field) => [camelCase(field.name), converting(field.type, handle)] as const);
    return (value) => Object.fromEntries(fields.map(([name, field]) => [name, field(propertyOf(value, name))]));
  }
  if (type.kind === 'variant') {
    const cases = new Map(type.cases.map((one) => [one.name, one.type && converting(one.type, handle)]));
    return (value) => {
      const tag = propertyOf(value, 'tag');
      const convert = typeof tag === 'string' ? cases.get(tag) : undefined;
      return convert === undefined ? value : { tag, val: convert(propertyOf(value, 'val')) };
    };
  }
  // A function's own result arrives as its bare value; its error is thrown, and carries no handles.
  return type.kind === 'result' && type.ok !== undefined ? converting(type.ok, handle) : (value) => value;
};

const propertyOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
