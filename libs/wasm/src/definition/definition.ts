// A component's binary as data: what its sections define, in their order, with indexes as they stand in the file.
import type { PrimitiveKind } from '@kasmcloud/wrpc';

/** A primitive, or an index of the type space. */
export type TypeRef = PrimitiveKind | number;

export type NamedRef = readonly [name: string, type: TypeRef | undefined];

/** One entry of the type space. */
export type TypeDef =
  | { readonly kind: 'primitive'; readonly of: PrimitiveKind }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: TypeRef])[] }
  | { readonly kind: 'variant'; readonly cases: readonly NamedRef[] }
  | { readonly kind: 'list' | 'option'; readonly of: TypeRef }
  | { readonly kind: 'tuple'; readonly of: readonly TypeRef[] }
  | { readonly kind: 'flags' | 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'result'; readonly ok: TypeRef | undefined; readonly err: TypeRef | undefined }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }
  | { readonly kind: 'func'; readonly params: readonly TypeRef[]; readonly result: TypeRef | undefined }
  /** `destructor` is an index of the core function space. */
  | { readonly kind: 'resource'; readonly destructor: number | undefined }
  | { readonly kind: 'instance'; readonly members: readonly Definition[] }
  | { readonly kind: 'component' };

export type Sort = 'func' | 'value' | 'type' | 'component' | 'instance';
export type CoreSort = 'func' | 'table' | 'memory' | 'global' | 'type' | 'module' | 'instance';

export interface Named<S extends string> {
  readonly name: string;
  readonly sort: S;
  readonly index: number;
}

export type Encoding = 'utf8' | 'utf16' | 'latin1+utf16';

/** Options of a lifted or lowered function; the numbers are indexes of core spaces. */
export interface CanonOptions {
  readonly encoding: Encoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
}

/** What an import is to be, or what an instance type says of an export. */
export type ExternType =
  | { readonly kind: 'func' | 'instance' | 'component'; readonly type: number }
  /** Another name for a type. */
  | { readonly kind: 'same-type'; readonly type: number }
  /** A resource of its own. */
  | { readonly kind: 'new-resource' }
  | { readonly kind: 'module' | 'value' };

export type Definition =
  /** `module` counts the core modules of the whole file. */
  | { readonly kind: 'core-module'; readonly module: number }
  | {
      readonly kind: 'core-instance';
      readonly module: number;
      readonly args: readonly (readonly [name: string, instance: number])[];
    }
  | { readonly kind: 'core-bundle'; readonly exports: readonly Named<CoreSort>[] }
  | { readonly kind: 'component'; readonly definitions: readonly Definition[] }
  | { readonly kind: 'instance'; readonly component: number; readonly args: readonly Named<Sort | 'module'>[] }
  | { readonly kind: 'bundle'; readonly exports: readonly Named<Sort | 'module'>[] }
  | {
      readonly kind: 'alias-export';
      readonly sort: Sort | 'module';
      readonly instance: number;
      readonly name: string;
    }
  | { readonly kind: 'alias-core'; readonly sort: CoreSort; readonly instance: number; readonly name: string }
  | {
      readonly kind: 'alias-outer';
      readonly sort: Sort | 'module' | 'core-type';
      readonly levels: number;
      readonly index: number;
    }
  | { readonly kind: 'type'; readonly type: TypeDef }
  | { readonly kind: 'lift'; readonly func: number; readonly type: number; readonly options: CanonOptions }
  | { readonly kind: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly kind: 'resource-new' | 'resource-drop' | 'resource-rep'; readonly type: number }
  | { readonly kind: 'import'; readonly name: string; readonly type: ExternType }
  | { readonly kind: 'export'; readonly name: string; readonly sort: Sort | 'module'; readonly index: number }
  /** An export as an instance type declares it. */
  | { readonly kind: 'declared-export'; readonly name: string; readonly type: ExternType };

export interface ComponentDefinition {
  readonly definitions: readonly Definition[];
  /** Core modules of the file, those of inner components too. */
  readonly modules: readonly Uint8Array[];
}

/** The component uses a part of the component model that this program does not bind itself. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}
