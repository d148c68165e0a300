import type { InterfaceRef } from '../inspect.ts';
import { assemble } from '../linking/assemble.ts';
import { instantiate } from '../linking/instantiate.ts';
import type { Resumes } from '../linking/runtime.ts';
import { mayWait } from '../prepare/plan.ts';
import type { CompiledCode, Program, SentJob } from '../runtime/protocol.ts';
import type { GuestLogLevel } from './guest.ts';
import { importModule } from './importing.ts';
import type { Interface } from './interface.ts';
import { planImports, type Imports } from './local.ts';

/** By the names that the component gives them. */
type Given = Readonly<Record<string, Interface>>;
type Exports = Readonly<Record<string, unknown>>;
type Made = (instance: WebAssembly.Instance) => void;

/** `resumes` is asked before a guest that waited runs on, `made` is told of every core instance inside. */
type Instantiate = (imports: Given, resumes: Resumes, made: Made) => Exports | Promise<Exports>;

/** A program as this thread has it, for all components of it. */
export interface OpenProgram {
  readonly imports: Imports;
  readonly exports: readonly InterfaceRef[];
  readonly isGenerated: boolean;
  readonly instantiate: Promise<Instantiate>;
}

/** A component's code, ready to be instantiated any number of times. */
export interface LoadedModule {
  readonly component: number;
  readonly program: OpenProgram;
  readonly sendsHttp: boolean;
  readonly logLevel: GuestLogLevel;
  config: ReadonlyMap<string, string>;
  /** See `tally.ts`. */
  readonly tally: Int32Array;
  /** Is told how much memory instances have more, or less. */
  readonly grew: (bytes: number) => void;
  readonly instantiate: Instantiate;
}

/** The part of the generated code that is called. */
interface Bindings {
  instantiate(
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: Given,
    instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
  ): Exports | Promise<Exports>;
}

const isBindings = (value: unknown): value is Bindings =>
  typeof value === 'object' && value !== null && 'instantiate' in value && typeof value.instantiate === 'function';

export const openProgram = ({ code, imports, exports }: Program): OpenProgram => ({
  imports: planImports(imports),
  exports,
  isGenerated: code.kind === 'generated',
  instantiate: open(code),
});

const open = async (code: CompiledCode): Promise<Instantiate> =>
  code.kind === 'linked' ? linked(code) : generated(code);

export const loadModule = async (
  job: SentJob,
  program: OpenProgram,
  grew: LoadedModule['grew'],
): Promise<LoadedModule> => {
  const { component, sendsHttp, logLevel, config, tally } = job;
  return {
    component,
    program,
    sendsHttp,
    logLevel,
    config: new Map(Object.entries(config)),
    tally,
    grew,
    instantiate: await program.instantiate,
  };
};

const linked = ({ definitions, modules }: Extract<CompiledCode, { kind: 'linked' }>): Instantiate => {
  const assembly = assemble({ definitions, modules: [] }, mayWait);
  return (imports, resumes, made) => instantiate(assembly, modules, imports, resumes, made);
};

const generated = async (code: Extract<CompiledCode, { kind: 'generated' }>): Promise<Instantiate> => {
  const bindings: unknown = await importModule(code.bindings);
  if (!isBindings(bindings)) throw new Error('the generated bindings export no instantiate');
  const core = (name: string): WebAssembly.Module => {
    const module = code.modules.get(name);
    if (module === undefined) throw new Error(`the generated bindings ask for ${name}, which was not generated`);
    return module;
  };
  return async (imports, _, made) =>
    bindings.instantiate(core, imports, (module, coreImports) => {
      const instance = new WebAssembly.Instance(module, coreImports);
      made(instance);
      return instance;
    });
};
