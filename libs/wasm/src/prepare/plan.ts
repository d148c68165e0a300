import type { ComponentInterfaces, InterfaceRef } from '../inspect.ts';
import { localInterface } from '../interface-name.ts';
import { waitingBlobFunctions, waitingFileFunctions } from './waiting.ts';

/** What the bindings generator is told about a component. */
export interface BindingsPlan {
  /** Import names, each under itself: without an entry the generator drops the version, and two versions collide. */
  readonly names: readonly string[];
  /** Imports that may suspend the guest, as `interface#function`. */
  readonly asyncImports: readonly string[];
  /** Exports that may reach such an import: all of them. */
  readonly asyncExports: readonly string[];
  /** How many places of the generated code hang when a host function throws, see `patch.ts`. */
  readonly hangs: number;
}

/** Functions of the interfaces inside the worker that wait for something. */
export const waitingFunctions: ReadonlySet<string> = new Set([
  'wasi:io/poll#poll',
  'wasi:io/poll#[method]pollable.block',
  'wasi:io/streams#[method]input-stream.blocking-read',
  'wasi:io/streams#[method]input-stream.blocking-skip',
  'wasi:io/streams#[method]output-stream.blocking-flush',
  'wasi:io/streams#[method]output-stream.blocking-write-and-flush',
  'wasi:io/streams#[method]output-stream.blocking-write-zeroes-and-flush',
  'wasi:io/streams#[method]output-stream.blocking-splice',
  'wasi:http/incoming-handler#handle',
  ...waitingBlobFunctions,
  ...waitingFileFunctions,
]);

/** Whether a call of an import may wait: of those in the worker some do, and all that the main thread serves. */
export const mayWait = (instance: string, func: string): boolean => {
  const local = localInterface(instance);
  // A constructor is `new` in JavaScript, which cannot wait.
  return local === undefined ? !func.startsWith('[constructor]') : waitingFunctions.has(`${local}#${func}`);
};

export const planBindings = ({ imports, exports }: ComponentInterfaces): BindingsPlan => {
  const suspending = imports.flatMap((ref) => functionsOf(ref).filter(({ name }) => mayWait(ref.name, name)));
  const exported = exports.flatMap(functionsOf);
  const isResult = ({ type }: (typeof suspending)[number]): boolean => type.result?.kind === 'result';
  return {
    names: imports.map(({ name }) => name),
    asyncImports: suspending.map(({ id }) => id),
    asyncExports: exported.map(({ id }) => id),
    hangs: exported.length + suspending.filter((one) => !isResult(one)).length,
  };
};

const functionsOf = ({ name, functions }: InterfaceRef) =>
  functions.map((func) => ({ ...func, id: name === '' ? func.name : `${name}#${func.name}` }));
