import type { AbiFunc, AbiType, ResourceType } from '../canonical/abi-type.ts';
import type { Call } from '../canonical/functions.ts';
import type { CoreSort, Definition, Sort } from '../definition/definition.ts';
import { ComponentError } from '../error.ts';
import type { CoreItem, Runtime } from './runtime.ts';

export interface LinkedResource extends ResourceType {
  /** Of the component that defines it, called with its number for the resource. */
  readonly destructor: CoreItem | undefined;
}

export interface LinkedFunc {
  readonly type: AbiFunc;
  /** Whether a call may return a promise. Asked when all is known. */
  mayWait(): boolean;
  link(runtime: Runtime): Call;
}

export type LinkedType =
  | { readonly kind: 'value'; readonly type: AbiType }
  | { readonly kind: 'func'; readonly type: AbiFunc }
  | { readonly kind: 'resource'; readonly resource: LinkedResource }
  | { readonly kind: 'instance'; readonly members: readonly Definition[]; readonly scope: Scope }
  | { readonly kind: 'component' };

/** A component with the scope that its outer aliases mean. */
export interface LinkedComponent {
  readonly definitions: readonly Definition[];
  readonly scope: Scope;
}

export type Item =
  | { readonly sort: 'func'; readonly item: LinkedFunc }
  | { readonly sort: 'type'; readonly item: LinkedType }
  | { readonly sort: 'instance'; readonly item: Items }
  | { readonly sort: 'component'; readonly item: LinkedComponent }
  | { readonly sort: 'module'; readonly item: number };

/** What an instance exports. */
export type Items = ReadonlyMap<string, Item>;

export interface CoreInstance {
  export(name: string): CoreItem;
  /** All of it, as one argument of a module. */
  readonly all: CoreItem;
}

/** The index spaces of one component instance. */
export class Scope {
  readonly parent: Scope | undefined;
  /** Its number within the root component. */
  readonly instance: number;
  readonly funcs: LinkedFunc[] = [];
  readonly types: LinkedType[] = [];
  readonly instances: Items[] = [];
  readonly components: LinkedComponent[] = [];
  readonly modules: number[] = [];
  readonly coreInstances: CoreInstance[] = [];
  readonly core = {
    func: [] as CoreItem[],
    table: [] as CoreItem[],
    memory: [] as CoreItem[],
    global: [] as CoreItem[],
  } as const;
  readonly exports = new Map<string, Item>();

  constructor(instance: number, parent?: Scope) {
    this.instance = instance;
    this.parent = parent;
  }

  add(item: Item): void {
    switch (item.sort) {
      case 'func':
        this.funcs.push(item.item);
        return;
      case 'type':
        this.types.push(item.item);
        return;
      case 'instance':
        this.instances.push(item.item);
        return;
      case 'component':
        this.components.push(item.item);
        return;
      case 'module':
        this.modules.push(item.item);
    }
  }

  get(sort: Sort | 'module', index: number): Item {
    switch (sort) {
      case 'func':
        return { sort, item: at(this.funcs, sort, index) };
      case 'type':
        return { sort, item: at(this.types, sort, index) };
      case 'instance':
        return { sort, item: at(this.instances, sort, index) };
      case 'component':
        return { sort, item: at(this.components, sort, index) };
      case 'module':
        return { sort, item: at(this.modules, sort, index) };
      case 'value':
        throw new ComponentError('values are not part of components yet');
    }
  }

  coreItem(sort: CoreSort, index: number): CoreItem {
    if (sort === 'type' || sort === 'module' || sort === 'instance')
      throw new ComponentError(`a core ${sort} is not part of a core instance`);
    return at(this.core[sort], `core ${sort}`, index);
  }

  outer(levels: number): Scope {
    if (levels === 0) return this;
    if (this.parent === undefined) throw new ComponentError(`alias reaches out ${levels} levels more than there are`);
    return this.parent.outer(levels - 1);
  }
}

export const at = <T>(space: readonly T[], what: string, index: number): T => {
  const found = space[index];
  if (found === undefined) throw new ComponentError(`${what} ${index} is not defined; there are ${space.length}`);
  return found;
};
