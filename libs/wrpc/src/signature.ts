import { WrpcTypeError } from './error.ts';
import type { FuncType, WitField, WitType } from './wit-type.ts';

/** A function type with what a transport must know before the first byte. */
export interface Signature {
  readonly params: readonly WitField[];
  /** Nothing, or one field that stands for the result. */
  readonly results: readonly WitField[];
  /** Paths of the nested subjects on which parameters may follow, such as `0.1`. */
  readonly paramPaths: readonly string[];
  readonly resultPaths: readonly string[];
}

/** Deeper types than this are refused: no interface is so deep, and the codec recurses by type. */
const MAX_TYPE_DEPTH = 64;

const collect = (type: WitType, route: readonly number[], depth: number, found: Set<string>): void => {
  if (depth > MAX_TYPE_DEPTH) throw new WrpcTypeError(`The type is nested deeper than ${MAX_TYPE_DEPTH} levels.`);
  const inside = (of: WitType | undefined): void => {
    if (of !== undefined) collect(of, route, depth + 1, found);
  };
  switch (type.kind) {
    case 'list':
      return refuseAsync(type.of, 'a list', depth);
    case 'stream':
    case 'future':
      found.add(route.join('.'));
      if (type.of !== undefined) refuseAsync(type.of, `a ${type.kind}`, depth);
      return;
    case 'tuple':
      for (const [index, of] of type.of.entries()) collect(of, [...route, index], depth + 1, found);
      return;
    case 'record':
      for (const [index, field] of type.fields.entries()) collect(field.type, [...route, index], depth + 1, found);
      return;
    case 'option':
      return inside(type.of);
    case 'result':
      inside(type.ok);
      return inside(type.err);
    case 'variant':
      for (const one of type.cases) inside(one.type);
      return;
    case 'bool':
    case 'u8':
    case 'u16':
    case 'u32':
    case 'u64':
    case 's8':
    case 's16':
    case 's32':
    case 's64':
    case 'f32':
    case 'f64':
    case 'char':
    case 'string':
    case 'enum':
    case 'flags':
    case 'own':
    case 'borrow':
      return;
  }
};

// The path of a stream inside a list has the element's index, so a peer would have to subscribe to a wildcard:
// peers in Rust cannot, and their values would be lost without an error.
const refuseAsync = (type: WitType, inside: string, depth: number): void => {
  const found = new Set<string>();
  collect(type, [], depth + 1, found);
  if (found.size > 0) throw new WrpcTypeError(`wRPC over NATS cannot carry a stream or future inside ${inside}.`);
};

const pathsOf = (fields: readonly WitField[]): string[] => {
  const found = new Set<string>();
  for (const [index, field] of fields.entries()) collect(field.type, [index], 0, found);
  return [...found];
};

const known = new WeakMap<FuncType, Signature>();

/**
 * The signature of a function, computed once per function type object.
 * @throws WrpcTypeError when the function cannot be called over NATS
 */
export const signatureOf = (func: FuncType): Signature => {
  const before = known.get(func);
  if (before !== undefined) return before;
  const results = func.result === undefined ? [] : [{ name: 'result', type: func.result }];
  const signature = {
    params: func.params,
    results,
    paramPaths: pathsOf(func.params),
    resultPaths: pathsOf(results),
  };
  known.set(func, signature);
  return signature;
};
