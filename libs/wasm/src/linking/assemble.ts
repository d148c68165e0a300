import type { AbiFunc } from '../canonical/abi-type.ts';
import { codecOf } from '../canonical/codecs.ts';
import { lift, lower } from '../canonical/functions.ts';
import type { CanonOptions, ComponentDefinition, Definition } from '../definition/definition.ts';
import { UnsupportedError } from '../definition/definition.ts';
import { ComponentError } from '../error.ts';
import { hostImport, type MayWait } from './host-import.ts';
import { dropResource, newResource, representationOf } from './resources.ts';
import { contextOf, coreFunction, type CoreItem, type LinkedOptions, type Runtime } from './runtime.ts';
import { at, Scope, type CoreInstance, type Item, type Items, type LinkedComponent, type LinkedFunc } from './scope.ts';
import { funcTypeAt, linkType, resourceAt } from './types.ts';

/** What it takes to make an instance of a component, worked out once. */
export interface Assembly {
  /** Each makes the next core instance. */
  readonly steps: readonly ((runtime: Runtime) => WebAssembly.Instance)[];
  readonly exports: Items;
  /** How many component instances are inside, the root among them. */
  readonly instances: number;
  /** @throws UnsupportedError where a function has a type that is not supported */
  check(): void;
}

/** How many component instances one component may have inside. */
const maxInstances = 1_000;

/**
 * Works out how the parts of a component fit together. What is inside a component, and which part is given to which, is
 * known before it is instantiated; so an instance is made by a list of steps.
 * @throws ComponentError when the parts do not fit; UnsupportedError
 */
export const assemble = ({ definitions }: ComponentDefinition, mayWait: MayWait): Assembly =>
  new Assembler(mayWait).run(definitions);

class Assembler {
  readonly #mayWait: MayWait;
  readonly #steps: ((runtime: Runtime) => WebAssembly.Instance)[] = [];
  /** Of every function that passes between a guest and another. */
  readonly #types = new Set<AbiFunc>();
  #instances = 0;
  /** Whether any import may wait; then every function that a guest exports may. */
  #waits = false;

  constructor(mayWait: MayWait) {
    this.#mayWait = (instance, func) => {
      const waits = mayWait(instance, func);
      this.#waits ||= waits;
      return waits;
    };
  }

  run(definitions: readonly Definition[]): Assembly {
    const scope = this.#component({ definitions, scope: undefined }, (name, type, within) =>
      hostImport(within, name, type, this.#mayWait),
    );
    return {
      steps: this.#steps,
      exports: scope.exports,
      instances: this.#instances,
      check: () => this.#types.forEach(checkTypes),
    };
  }

  #component(
    { definitions, scope: outer }: { definitions: readonly Definition[]; scope: Scope | undefined },
    provide: (name: string, type: Extract<Definition, { kind: 'import' }>['type'], within: Scope) => Item,
  ): Scope {
    if (this.#instances >= maxInstances) throw new ComponentError(`more than ${maxInstances} components inside`);
    const scope = new Scope(this.#instances, outer);
    this.#instances += 1;
    for (const definition of definitions) {
      if (definition.kind === 'import') scope.add(provide(definition.name, definition.type, scope));
      else this.#define(scope, definition);
    }
    return scope;
  }

  #define(scope: Scope, definition: Exclude<Definition, { kind: 'import' }>): void {
    switch (definition.kind) {
      case 'core-module':
        scope.modules.push(definition.module);
        return;
      case 'core-instance':
        scope.coreInstances.push(this.#coreInstance(scope, definition));
        return;
      case 'core-bundle':
        scope.coreInstances.push(coreBundle(scope, definition));
        return;
      case 'component':
        scope.components.push({ definitions: definition.definitions, scope });
        return;
      case 'instance': {
        const args = bundle(scope, definition.args);
        const component: LinkedComponent = at(scope.components, 'component', definition.component);
        const inner = this.#component(component, (name) => {
          const given = args.get(name);
          if (given === undefined) throw new ComponentError(`a component inside is not given its import ${name}`);
          return given;
        });
        scope.instances.push(inner.exports);
        return;
      }
      case 'bundle':
        scope.instances.push(bundle(scope, definition.exports));
        return;
      case 'alias-export': {
        const found = at(scope.instances, 'instance', definition.instance).get(definition.name);
        if (found === undefined) throw new ComponentError(`instance has no export "${definition.name}"`);
        scope.add(found);
        return;
      }
      case 'alias-core': {
        const { sort, instance, name } = definition;
        if (sort === 'type' || sort === 'module' || sort === 'instance')
          throw new ComponentError(`a core instance has no ${sort}`);
        scope.core[sort].push(at(scope.coreInstances, 'core instance', instance).export(name));
        return;
      }
      case 'alias-outer':
        if (definition.sort !== 'core-type') {
          scope.add(scope.outer(definition.levels).get(definition.sort, definition.index));
        }
        return;
      case 'type':
        scope.types.push(linkType(scope, definition.type));
        return;
      case 'lift':
        scope.funcs.push(this.#lift(scope, definition));
        return;
      case 'lower': {
        const func = at(scope.funcs, 'func', definition.func);
        this.#types.add(func.type);
        scope.core.func.push(lowered(scope, func, definition.options));
        return;
      }
      case 'resource-new':
        scope.core.func.push(newResource(scope.instance, resourceAt(scope, definition.type)));
        return;
      case 'resource-drop':
        scope.core.func.push(dropResource(scope.instance, resourceAt(scope, definition.type)));
        return;
      case 'resource-rep':
        scope.core.func.push(representationOf(scope.instance, resourceAt(scope, definition.type)));
        return;
      case 'export': {
        const item = scope.get(definition.sort, definition.index);
        scope.exports.set(definition.name, item);
        scope.add(item);
        return;
      }
      case 'declared-export':
        throw new UnsupportedError('a declaration outside a type');
    }
  }

  #coreInstance(scope: Scope, { module, args }: Extract<Definition, { kind: 'core-instance' }>): CoreInstance {
    const number = at(scope.modules, 'core module', module);
    const given = args.map(([name, index]) => [name, at(scope.coreInstances, 'core instance', index).all] as const);
    const step = this.#steps.length;
    this.#steps.push((runtime) => {
      const imports = Object.fromEntries(given.map(([name, item]) => [name, item(runtime)]));
      return new WebAssembly.Instance(
        at(runtime.modules, 'core module', number),
        imports as unknown as WebAssembly.Imports,
      );
    });
    const exports = ({ core }: Runtime): Readonly<Record<string, unknown>> => at(core, 'core instance', step).exports;
    return {
      export: (name) => (runtime) => exports(runtime)[name],
      all: exports,
    };
  }

  #lift(scope: Scope, { func, type, options }: Extract<Definition, { kind: 'lift' }>): LinkedFunc {
    const core = at(scope.core.func, 'core func', func);
    const postReturn =
      options.postReturn === undefined ? undefined : at(scope.core.func, 'core func', options.postReturn);
    const linked = linkOptions(scope, options);
    const signature = funcTypeAt(scope, type);
    this.#types.add(signature);
    return {
      type: signature,
      mayWait: () => this.#waits,
      link: (runtime) => {
        const called = coreFunction(core(runtime));
        const lifted = {
          core: this.#waits ? WebAssembly.promising(called) : called,
          postReturn: postReturn && (coreFunction(postReturn(runtime)) as (...values: unknown[]) => void),
        };
        return lift(signature, lifted, contextOf(runtime, scope.instance, linked));
      },
    };
  }
}

const checkTypes = ({ params, result }: AbiFunc): void => {
  for (const type of result === undefined ? params : [...params, result]) codecOf(type);
};

const linkOptions = (scope: Scope, { encoding, memory, realloc }: CanonOptions): LinkedOptions => ({
  encoding,
  memory: memory === undefined ? undefined : at(scope.core.memory, 'core memory', memory),
  realloc: realloc === undefined ? undefined : at(scope.core.func, 'core func', realloc),
});

const lowered = (scope: Scope, func: LinkedFunc, options: CanonOptions): CoreItem => {
  const linked = linkOptions(scope, options);
  return (runtime) => {
    const call = lower(func.type, func.link(runtime), contextOf(runtime, scope.instance, linked));
    return func.mayWait() ? new WebAssembly.Suspending(call) : call;
  };
};

const coreBundle = (scope: Scope, { exports }: Extract<Definition, { kind: 'core-bundle' }>): CoreInstance => {
  const items = new Map(exports.map(({ name, sort, index }) => [name, scope.coreItem(sort, index)]));
  return {
    export: (name) => {
      const item = items.get(name);
      if (item === undefined) throw new ComponentError(`core instance has no export "${name}"`);
      return item;
    },
    all: (runtime) => Object.fromEntries([...items].map(([name, item]) => [name, item(runtime)])),
  };
};

const bundle = (scope: Scope, exports: Extract<Definition, { kind: 'bundle' }>['exports']): Items =>
  new Map(exports.map(({ name, sort, index }) => [name, scope.get(sort, index)]));
