/** WIT types without a payload. */
export type PrimitiveKind =
  'bool' | 'u8' | 'u16' | 'u32' | 'u64' | 's8' | 's16' | 's32' | 's64' | 'f32' | 'f64' | 'char' | 'string';

/**
 * A type of the component model, as data. Names are kebab-case, as WIT writes them.
 * A recursive type cannot be written: WIT has none.
 */
export type WitType =
  | { kind: PrimitiveKind }
  | { kind: 'list'; of: WitType }
  | { kind: 'tuple'; of: WitType[] }
  | { kind: 'record'; fields: WitField[] }
  | { kind: 'option'; of: WitType }
  | { kind: 'result'; ok?: WitType; err?: WitType }
  | { kind: 'variant'; cases: WitCase[] }
  | { kind: 'enum'; cases: string[] }
  | { kind: 'flags'; names: string[] }
  | { kind: 'own' | 'borrow'; resource: string }
  | { kind: 'stream'; of?: WitType }
  | { kind: 'future'; of?: WitType };

export interface WitField {
  name: string;
  type: WitType;
}

export interface WitCase {
  name: string;
  type?: WitType;
}

/** The signature of an imported or exported function. */
export interface FuncType {
  params: WitField[];
  result?: WitType;
}
