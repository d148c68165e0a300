import type { PrimitiveKind } from '@kasmcloud/wrpc';

/** A resource type: two are the same when they are the same object, whatever their names are. */
export interface ResourceType {
  /** The component instance that defines it, by its number within the root component; undefined for the host's. */
  readonly owner: number | undefined;
}

/** A value type with its resources known. Names as WIT writes them. */
export type AbiType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'list' | 'option'; readonly of: AbiType }
  | { readonly kind: 'tuple'; readonly of: readonly AbiType[] }
  | { readonly kind: 'record'; readonly fields: readonly AbiField[] }
  | { readonly kind: 'variant'; readonly cases: readonly AbiCase[] }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'result'; readonly ok: AbiType | undefined; readonly err: AbiType | undefined }
  | { readonly kind: 'own' | 'borrow'; readonly resource: ResourceType };

export interface AbiField {
  readonly name: string;
  readonly type: AbiType;
}

export interface AbiCase {
  readonly name: string;
  readonly type: AbiType | undefined;
}

export interface AbiFunc {
  readonly params: readonly AbiType[];
  readonly result: AbiType | undefined;
}
