import { WitError } from '../error.ts';
import type { AbiFunc } from '../canonical/abi-type.ts';
import type { Call } from '../canonical/functions.ts';
import { UnsupportedError, type Definition, type ExternType } from '../definition/definition.ts';
import { memberOf, type Member } from '../worker/names.ts';
import type { Interface } from '../worker/interface.ts';
import type { Resumes, Runtime } from './runtime.ts';
import { at, Scope, type Item, type Items, type LinkedFunc } from './scope.ts';
import { funcTypeAt, linkType } from './types.ts';

/** Whether a function that the host gives may return a promise. */
export type MayWait = (instance: string, func: string) => boolean;

/** An import of the root component: functions of the host, and resources of its own. */
export const hostImport = (scope: Scope, name: string, type: ExternType, mayWait: MayWait): Item => {
  switch (type.kind) {
    case 'instance': {
      const declared = at(scope.types, 'type', type.type);
      if (declared.kind !== 'instance') throw new UnsupportedError(`import ${name}, whose type is no instance`);
      return { sort: 'instance', item: hostInstance(declared.members, declared.scope, name, mayWait) };
    }
    case 'func':
      return { sort: 'func', item: hostFunc(funcTypeAt(scope, type.type), '', name, mayWait) };
    case 'same-type':
      return { sort: 'type', item: at(scope.types, 'type', type.type) };
    case 'new-resource':
      return newResource();
    case 'component':
    case 'module':
    case 'value':
      throw new UnsupportedError(`import ${name}, which is a ${type.kind}`);
  }
};

const newResource = (): Item => ({
  sort: 'type',
  item: { kind: 'resource', resource: { owner: undefined, destructor: undefined } },
});

/** Makes an instance that has what an instance type declares. */
const hostInstance = (members: readonly Definition[], outer: Scope, name: string, mayWait: MayWait): Items => {
  const scope = new Scope(outer.instance, outer);
  for (const member of members) {
    if (member.kind === 'type') scope.types.push(linkType(scope, member.type));
    else if (member.kind === 'alias-outer') {
      if (member.sort !== 'core-type') scope.add(scope.outer(member.levels).get(member.sort, member.index));
    } else if (member.kind === 'declared-export') {
      const item = declared(scope, name, member.name, member.type, mayWait);
      scope.exports.set(member.name, item);
      scope.add(item);
    } else if (member.kind === 'alias-export') {
      const found = at(scope.instances, 'instance', member.instance).get(member.name);
      if (found === undefined) throw new UnsupportedError(`alias of ${member.name} inside the type of ${name}`);
      scope.add(found);
    } else throw new UnsupportedError(`${member.kind} inside the type of ${name}`);
  }
  return scope.exports;
};

const declared = (scope: Scope, instance: string, name: string, type: ExternType, mayWait: MayWait): Item =>
  type.kind === 'func'
    ? { sort: 'func', item: hostFunc(funcTypeAt(scope, type.type), instance, name, mayWait) }
    : hostImport(scope, name, type, mayWait);

const hostFunc = (type: AbiFunc, instance: string, name: string, mayWait: MayWait): LinkedFunc => {
  const waits = mayWait(instance, name);
  const member = memberOf(name);
  const isResult = type.result?.kind === 'result';
  return {
    type,
    mayWait: () => waits,
    link: ({ imports, resumes }: Runtime) => {
      const found = hostCall(imports[instance] ?? {}, member, instance, name);
      const call = waits ? resuming(found, resumes) : found;
      return isResult ? whole(call) : call;
    },
  };
};

type Method = (...args: readonly unknown[]) => unknown;
type Class = { new (...args: readonly unknown[]): unknown; readonly prototype: object };

/** The function of an interface object, as the host names it. @throws TypeError when it is called and is not there */
const hostCall = (members: Interface, member: Member, instance: string, func: string): Call => {
  const missing = (): never => {
    throw new TypeError(`the host has no ${instance}.${func}`);
  };
  if (member.kind === 'function') {
    const found = members[member.name];
    return isMethod(found) ? (args) => found(...args) : missing;
  }
  const owner = members[member.resource];
  if (!isClass(owner)) return missing;
  if (member.kind === 'constructor') return (args) => new owner(...args);
  // What the class has, not what the guest passes: that decides neither which function is called, nor on what.
  const found: unknown = Reflect.get(member.kind === 'method' ? owner.prototype : owner, member.name);
  if (!isMethod(found)) return missing;
  if (member.kind === 'static') return (args) => Reflect.apply(found, owner, args);
  const { prototype } = owner;
  return (args) => {
    const self = args[0];
    if (!isOf(self, prototype)) throw new TypeError(`${instance}.${func} is called on something else`);
    // Most have few parameters, and need no array of them.
    if (args.length === 1) return found.call(self);
    return args.length === 2 ? found.call(self, args[1]) : Reflect.apply(found, self, args.slice(1));
  };
};

/** As `instanceof`, which asks the class first how to. */
const isOf = (value: unknown, prototype: object): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === prototype || Object.prototype.isPrototypeOf.call(prototype, value));

const isMethod = (value: unknown): value is Method => typeof value === 'function';
const isClass = (value: unknown): value is Class => typeof value === 'function';

/** What a guest waited for has come: it runs on in its turn. */
const resuming =
  (call: Call, resumes: Resumes): Call =>
  (args) => {
    const value = call(args);
    if (!(value instanceof Promise)) return value;
    return value.then(
      (result: unknown) => resumes()?.then(() => result) ?? result,
      async (error: unknown) => {
        await resumes();
        throw error;
      },
    );
  };

/** The host returns T of a result and throws E; between components a result is whole. */
const whole =
  (call: Call): Call =>
  (args) => {
    try {
      const value = call(args);
      return value instanceof Promise ? value.then(ok, err) : ok(value);
    } catch (error) {
      return err(error);
    }
  };

const ok = (val: unknown): unknown => ({ tag: 'ok', val });

const err = (error: unknown): unknown => {
  if (error instanceof WitError) return { tag: 'err', val: error.payload };
  throw error;
};
