import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDefinition } from './definition/read-definition.ts';
import { inspectComponent } from './inspect.ts';
import { assemble } from './linking/assemble.ts';
import { instantiate } from './linking/instantiate.ts';
import { mayWait } from './prepare/plan.ts';
import { conduct, type Call } from './testing/jco-conduct.ts';
import { Gate } from './worker/gate.ts';
import type { Interface } from './worker/interface.ts';
import { findLocal, localInterfaces } from './worker/local.ts';

/*
 * The WASI 0.2 components of jco's own tests, on our bindings. Run by hand: JCO_CHECKOUT names a folder with a checkout of
 * https://github.com/bytecodealliance/jco, whose components are not part of this repository.
 */
const checkout = process.env['JCO_CHECKOUT'];
const files =
  checkout === undefined
    ? []
    : globSync(['packages/jco-transpile/test/fixtures/components/**/*.wasm', 'examples/transpile/*/*.wasm'], {
        cwd: checkout,
      })
        .filter((file) => !file.includes('p3'))
        .toSorted();

const local = localInterfaces({
  gate: new Gate(),
  sendsHttp: false,
  isInCall: false,
  config: () => new Map(),
  log: () => undefined,
  send: () => {
    throw new Error('nothing is sent');
  },
  invoke: () => Promise.reject(new Error('nothing is invoked')),
});

type Func = (...args: readonly unknown[]) => unknown;
type Functions = Readonly<Record<string, Func>>;

/** Compiles and instantiates. The functions of the world are those of `''`. */
const load = async (bytes: Uint8Array, given: Readonly<Record<string, Interface>> = {}): Promise<Call> => {
  const definition = readDefinition(bytes);
  const modules = await Promise.all(definition.modules.map(async (module) => WebAssembly.compile(module)));
  const imports: Record<string, Interface> = {};
  for (const { name } of inspectComponent(bytes).imports) {
    imports[name] = given[name] ?? findLocal(local, name) ?? {};
  }
  const exports = instantiate(assemble(definition, mayWait), modules, imports);
  return async (instance, func, ...args) => {
    const functions = (instance === '' ? exports : exports[instance]) as Functions;
    const found = functions[func];
    if (found === undefined) throw new TypeError(`${instance} has no ${func}: ${Object.keys(functions).join(', ')}`);
    return found(...args);
  };
};

describe.skipIf(checkout === undefined)('a component of jco', () => {
  test.for(files)('%s', { timeout: 60_000 }, async (file) => {
    const { imports, check } = conduct[basename(file)] ?? {};
    const call = await load(readFileSync(join(checkout ?? '', file)), imports);
    expect(await check?.(call)).toBeUndefined();
  });

  test('there are components', () => {
    expect(files.length).toBeGreaterThan(30);
  });
});
