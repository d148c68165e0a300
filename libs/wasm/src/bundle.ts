import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

/** What an app that bundles this library adds to its rolldown input: its threads start from files of their own. */
export const wasmEntries = {
  'wasm-worker': '@kasmcloud/wasm/runtime-worker',
  'wasm-build-worker': '@kasmcloud/wasm/build-worker',
};

const modules = ['js-component-bindgen-component.core.wasm', 'js-component-bindgen-component.core2.wasm'];

/** The part of rolldown's plugin context that is used. */
interface Emitter {
  emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): unknown;
}

/** A rolldown plugin: the bindings generator is itself WebAssembly, which it reads from beside its own code. */
export const bindingsGenerator = (): { name: string; generateBundle(this: Emitter): void } => ({
  name: 'wasm-bindings-generator',
  generateBundle() {
    const generator = createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile/component');
    for (const fileName of modules) {
      const source = readFileSync(generator.replace(basename(generator), fileName));
      this.emitFile({ type: 'asset', fileName, source });
    }
  },
});
