import { camelCase } from '@kasmcloud/wrpc';
import type { Call } from '../canonical/functions.ts';
import { WitError } from '../error.ts';
import type { Interface } from '../worker/interface.ts';
import type { Assembly } from './assemble.ts';
import { newRuntime, type Resumes, type Runtime } from './runtime.ts';
import type { Item, LinkedFunc } from './scope.ts';

/** Functions that a component exports: those of an interface under its name, those of the world as they are. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Makes an instance. Its functions return T of a `result<T, E>` and throw WitError of E, and return promises where an
 * import may wait. Functions of resources are not among them: handles do not leave a component.
 * `resumes` is asked before a guest that waited for an import runs on; `made` is told of every core instance inside.
 * @throws what a start function traps with
 */
export const instantiate = (
  { steps, exports, instances }: Assembly,
  modules: readonly WebAssembly.Module[],
  imports: Readonly<Record<string, Interface>>,
  resumes: Resumes = atOnce,
  made: (instance: WebAssembly.Instance) => void = () => undefined,
): Exports => {
  const runtime = newRuntime(modules, { imports, resumes }, instances);
  for (const step of steps) {
    const instance = step(runtime);
    runtime.core.push(instance);
    made(instance);
  }
  return exportsOf(runtime, exports);
};

const atOnce: Resumes = () => undefined;

const exportsOf = (runtime: Runtime, items: ReadonlyMap<string, Item>): Exports => {
  const out: Record<string, unknown> = {};
  for (const [name, { sort, item }] of items) {
    if (sort === 'instance') out[name] = exportsOf(runtime, item);
    else if (sort === 'func' && !name.startsWith('[')) out[camelCase(name)] = exported(runtime, item);
  }
  return out;
};

const exported = (runtime: Runtime, func: LinkedFunc): ((...args: readonly unknown[]) => unknown) => {
  const call: Call = func.link(runtime);
  if (func.type.result?.kind !== 'result') return (...args) => call(args);
  return (...args) => {
    const value = call(args);
    return value instanceof Promise ? value.then(unwrap) : unwrap(value);
  };
};

const unwrap = (value: unknown): unknown => {
  const { tag, val } = value as { readonly tag: 'ok' | 'err'; readonly val?: unknown };
  if (tag === 'err') throw new WitError(val);
  return val;
};
