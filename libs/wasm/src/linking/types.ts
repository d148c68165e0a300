import type { AbiFunc, AbiType } from '../canonical/abi-type.ts';
import type { TypeDef, TypeRef } from '../definition/definition.ts';
import { ComponentError } from '../error.ts';
import { at, type LinkedResource, type LinkedType, type Scope } from './scope.ts';

/** Resolves a type of the file: indexes become types, and resources known ones. */
export const linkType = (scope: Scope, def: TypeDef): LinkedType => {
  if (def.kind === 'func') return { kind: 'func', type: linkFunc(scope, def) };
  if (def.kind === 'instance') return { kind: 'instance', members: def.members, scope };
  if (def.kind === 'component') return { kind: 'component' };
  if (def.kind !== 'resource') return { kind: 'value', type: linkValue(scope, def) };
  const destructor = def.destructor === undefined ? undefined : at(scope.core.func, 'core func', def.destructor);
  return { kind: 'resource', resource: { owner: scope.instance, destructor } };
};

type ValueDef = Exclude<TypeDef, { kind: 'func' | 'resource' | 'instance' | 'component' }>;

const linkValue = (scope: Scope, def: ValueDef): AbiType => {
  const of = (ref: TypeRef): AbiType => refer(scope, ref);
  const maybe = (ref: TypeRef | undefined): AbiType | undefined => (ref === undefined ? undefined : of(ref));
  switch (def.kind) {
    case 'primitive':
      return { kind: def.of };
    case 'record':
      return { kind: 'record', fields: def.fields.map(([name, type]) => ({ name, type: of(type) })) };
    case 'variant':
      return { kind: 'variant', cases: def.cases.map(([name, type]) => ({ name, type: maybe(type) })) };
    case 'list':
    case 'option':
      return { kind: def.kind, of: of(def.of) };
    case 'tuple':
      return { kind: 'tuple', of: def.of.map(of) };
    case 'flags':
    case 'enum':
      return { kind: def.kind, names: def.names };
    case 'result':
      return { kind: 'result', ok: maybe(def.ok), err: maybe(def.err) };
    case 'own':
    case 'borrow':
      return { kind: def.kind, resource: resourceAt(scope, def.resource) };
  }
};

const linkFunc = (scope: Scope, { params, result }: Extract<TypeDef, { kind: 'func' }>): AbiFunc => ({
  params: params.map((ref) => refer(scope, ref)),
  result: result === undefined ? undefined : refer(scope, result),
});

const refer = (scope: Scope, ref: TypeRef): AbiType => {
  if (typeof ref === 'string') return { kind: ref };
  const entry = at(scope.types, 'type', ref);
  if (entry.kind !== 'value') throw new ComponentError(`type ${ref} is a ${entry.kind}, a value is needed`);
  return entry.type;
};

export const resourceAt = (scope: Scope, index: number): LinkedResource => {
  const entry = at(scope.types, 'type', index);
  if (entry.kind !== 'resource') throw new ComponentError(`type ${index} is a ${entry.kind}, a resource is needed`);
  return entry.resource;
};

export const funcTypeAt = (scope: Scope, index: number): AbiFunc => {
  const entry = at(scope.types, 'type', index);
  if (entry.kind !== 'func') throw new ComponentError(`type ${index} is a ${entry.kind}, a func is needed`);
  return entry.type;
};
