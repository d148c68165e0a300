// The part of the WebAssembly JavaScript interface that is used here: neither ES nor Node's types have it.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }

  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  const Instance: new (module: Module, imports?: Imports) => Instance;
  const Memory: new (descriptor: { readonly initial: number }) => Memory;
  const Module: { new (bytes: Uint8Array): Module; exports(module: Module): { name: string }[] };

  /** JSPI: an import that may return a promise, for which the guest then waits. */
  const Suspending: new (call: (...args: never[]) => unknown) => object;

  /** JSPI: the same function, returning a promise; only such ones can reach a suspending import. */
  function promising<A extends readonly unknown[]>(call: (...args: A) => unknown): (...args: A) => Promise<unknown>;

  /** Compiles off the calling thread. */
  function compile(bytes: Uint8Array): Promise<Module>;
}
