import { coreFunction, type CoreItem, type Runtime } from './runtime.ts';
import type { HandleTable } from '../canonical/handle-table.ts';
import type { LinkedResource } from './scope.ts';
import { at } from './scope.ts';

const tableOf = ({ states }: Runtime, instance: number): HandleTable =>
  at(states, 'component instance', instance).table;

/** canon resource.new: the component's own number for a resource becomes a handle. */
export const newResource =
  (instance: number, resource: LinkedResource): CoreItem =>
  (runtime) => {
    const table = tableOf(runtime, instance);
    return (rep: number) => table.add(resource, rep);
  };

/** canon resource.rep. */
export const representationOf =
  (instance: number, resource: LinkedResource): CoreItem =>
  (runtime) => {
    const table = tableOf(runtime, instance);
    return (handle: number) => table.get(handle >>> 0, resource);
  };

/** canon resource.drop: whoever made what an owned handle stood for is told. */
export const dropResource =
  (instance: number, resource: LinkedResource): CoreItem =>
  (runtime) => {
    const table = tableOf(runtime, instance);
    return (handle: number) => {
      const dropped = table.drop(handle >>> 0, resource);
      if (dropped === undefined) return;
      if (resource.owner === undefined) dispose(dropped.owned);
      else if (resource.destructor !== undefined) {
        coreFunction(resource.destructor(runtime))(Number(dropped.owned));
      }
    };
  };

const dispose = (owned: unknown): void => {
  if (isDisposable(owned)) owned[Symbol.dispose]();
};

const isDisposable = (value: unknown): value is Disposable =>
  typeof value === 'object' && value !== null && Symbol.dispose in value;
