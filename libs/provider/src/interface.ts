import type { FuncType, TraceContext } from '@kasmcloud/wrpc';
import type { Link } from './link.ts';

/** A WIT interface as data, as `kasmcloud-bindings` writes it. `T` is its functions as a program sees them. */
export interface WitInterface<T> {
  /** `ns:package/interface@version`. */
  readonly name: string;
  /** By the function's name in `T`. */
  readonly functions: { readonly [Name in keyof T]: WitFunction };
}

export interface WitFunction {
  /** As in WIT: `get`, `[method]bucket.get`. */
  readonly name: string;
  readonly type: FuncType;
}

/** What is known of a call besides its parameters. */
export interface Call {
  /** Id of the actor or provider that calls. */
  readonly source: string;
  /** The link by which it calls. */
  readonly link: Link;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** In which trace it is: headers for whatever else this function calls. `client` passes it on by itself. */
  readonly trace: TraceContext | undefined;
  /** A header of the call, such as `traceparent`. */
  header(name: string): string | undefined;
}

type AnyFunction = (...args: never) => unknown;

/** An interface as a provider implements it: every function gets the call after its own parameters. */
export type Implementation<T> = {
  readonly [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: [...Args, call: Call]) => Result | Promise<Awaited<Result>>
    : never;
};

/** An interface as its callers see it. */
export type Client<T> = {
  readonly [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** An interface that a provider serves, and with what. */
export interface ServedInterface {
  readonly name: string;
  readonly functions: readonly {
    readonly name: string;
    readonly type: FuncType;
    readonly run: (args: readonly unknown[], call: Call) => unknown;
  }[];
}

/** Joins an interface with its implementation, for `startProvider`. */
export function serves<T>(definition: WitInterface<T>, implementation: Implementation<T>): ServedInterface {
  const functions = Object.entries<WitFunction>(definition.functions).map(([key, { name, type }]) => ({
    name,
    type,
    run: (args: readonly unknown[], call: Call): unknown => functionOf(implementation, key)(...args, call),
  }));
  return { name: definition.name, functions };
}

function functionOf(implementation: object, key: string): (...args: unknown[]) => unknown {
  const found: unknown = Reflect.get(implementation, key);
  if (typeof found !== 'function') throw new TypeError(`the implementation has no function ${key}`);
  return (...args) => Reflect.apply(found as AnyFunction, implementation, args);
}
