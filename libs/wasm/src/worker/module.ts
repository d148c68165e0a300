import type { InterfaceRef } from '../inspect.ts';
import type { LoadJob } from '../runtime/protocol.ts';
import type { Interface } from './interface.ts';

/** A component's generated bindings and compiled modules, ready to be instantiated any number of times. */
export interface LoadedModule {
  readonly component: number;
  readonly imports: readonly InterfaceRef[];
  readonly sendsHttp: boolean;
  config: Readonly<Record<string, string>>;
  instantiate(imports: Record<string, Interface>): Promise<Readonly<Record<string, unknown>>>;
}

/** The part of the generated code that is called. */
interface Bindings {
  instantiate(
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: Record<string, Interface>,
    instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
  ): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
}

const isBindings = (value: unknown): value is Bindings =>
  typeof value === 'object' && value !== null && 'instantiate' in value && typeof value.instantiate === 'function';

export const loadModule = async (job: LoadJob): Promise<LoadedModule> => {
  const bindings: unknown = await import(job.bindings);
  if (!isBindings(bindings)) throw new Error('the generated bindings export no instantiate');
  const core = (name: string): WebAssembly.Module => {
    const module = job.modules.get(name);
    if (module === undefined) throw new Error(`the generated bindings ask for ${name}, which was not generated`);
    return module;
  };
  return {
    component: job.component,
    imports: job.imports,
    sendsHttp: job.sendsHttp,
    config: job.config,
    instantiate: async (imports) =>
      bindings.instantiate(core, imports, (module, coreImports) => new WebAssembly.Instance(module, coreImports)),
  };
};
