import { Context, type InstanceState } from '../canonical/context.ts';
import type { CoreFunction } from '../canonical/functions.ts';
import { GuestMemory } from '../canonical/guest-memory.ts';
import { HandleTable } from '../canonical/handle-table.ts';
import type { Interface } from '../worker/interface.ts';

/** Undefined when a guest that waited may run on at once; otherwise resolves when it may. */
export type Resumes = () => Promise<void> | undefined;

/** What an instance is given. */
export interface Given {
  /** By import name. */
  readonly imports: Readonly<Record<string, Interface>>;
  readonly resumes: Resumes;
}

/** One instance of a component while and after it is made: what the static plan refers to by number. */
export interface Runtime extends Given {
  readonly modules: readonly WebAssembly.Module[];
  /** In the order of the steps that make them. */
  readonly core: WebAssembly.Instance[];
  /** One for each component instance inside, the root among them. */
  readonly states: readonly InstanceState[];
  /** Views of core memories, by memory. */
  readonly memories: Map<unknown, GuestMemory>;
}

/** Something of core WebAssembly that is there once the steps before its use have run. */
export type CoreItem = (runtime: Runtime) => unknown;

export const newRuntime = (
  modules: readonly WebAssembly.Module[],
  { imports, resumes }: Given,
  instances: number,
): Runtime => ({
  imports,
  resumes,
  modules,
  core: [],
  states: Array.from({ length: instances }, (_, number) => ({
    number,
    table: new HandleTable(),
    mayLeave: true,
    entered: false,
  })),
  memories: new Map(),
});

/** @throws TypeError when a component refers to something else as a function, which its validation would have told */
export const coreFunction = (item: unknown): CoreFunction => {
  if (!isFunction(item)) throw new TypeError('a core function is needed');
  return item;
};

export const coreMemory = (item: unknown): { readonly buffer: ArrayBuffer } => {
  if (!isMemory(item)) throw new TypeError('a core memory is needed');
  return item;
};

const isFunction = (item: unknown): item is CoreFunction => typeof item === 'function';

const isMemory = (item: unknown): item is { readonly buffer: ArrayBuffer } =>
  typeof item === 'object' && item !== null && 'buffer' in item;

export interface LinkedOptions {
  readonly encoding: Context['encoding'];
  readonly memory: CoreItem | undefined;
  readonly realloc: CoreItem | undefined;
}

export const contextOf = (runtime: Runtime, instance: number, options: LinkedOptions): Context => {
  const state = runtime.states[instance];
  if (state === undefined) throw new TypeError(`component instance ${instance} is not there`);
  const realloc = options.realloc && coreFunction(options.realloc(runtime));
  return new Context(
    state,
    options.encoding,
    memoryOf(runtime, options),
    realloc as ConstructorParameters<typeof Context>[3],
  );
};

const memoryOf = (runtime: Runtime, { memory }: LinkedOptions): GuestMemory => {
  const core = memory && coreMemory(memory(runtime));
  const made = runtime.memories.get(core) ?? new GuestMemory(core);
  runtime.memories.set(core, made);
  return made;
};
