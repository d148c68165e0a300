import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** What an app that bundles this library adds to its rolldown input: its threads start from files of their own. */
export const wasmEntries = {
  'wasm-front': '@kasmcloud/wasm/front-worker',
  'wasm-build-worker': '@kasmcloud/wasm/build-worker',
};

/**
 * As `wasmEntries`, and built as CommonJS into `.cjs` files: an entry of threads that start while others wait, for which
 * Node takes 3 ms less than for a module, and the script that it runs.
 */
export const wasmScripts = {
  'wasm-worker': '@kasmcloud/wasm/runtime-worker',
  'wasm-worker-script': '@kasmcloud/wasm/runtime-script',
};

const modules = ['js-component-bindgen-component.core.wasm', 'js-component-bindgen-component.core2.wasm'];
/** Where the generator's WASI does its blocking I/O: started only when it has some, a late clean-up for example. */
const ioThread = 'worker-thread.bundle.js';

/** The part of rolldown's plugin context that is used. */
interface Emitter {
  emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): unknown;
}

/**
 * A rolldown plugin for what is read from beside the code: the parts of the bindings generator, which is itself
 * WebAssembly, and the component that a runtime rehearses with.
 */
export const wasmAssets = (): { name: string; generateBundle(this: Emitter): void } => ({
  name: 'wasm-assets',
  generateBundle() {
    const rehearsal = readFileSync(new URL('./rehearsal/rehearsal.wasm', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'wasm-rehearsal.wasm', source: rehearsal });
    const generator = createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile/component');
    const io = createRequire(generator).resolve('@bytecodealliance/preview2-shim/io');
    const files = [...modules.map((name) => join(dirname(generator), name)), join(dirname(io), '..', 'io', ioThread)];
    for (const file of files) this.emitFile({ type: 'asset', fileName: basename(file), source: readFileSync(file) });
  },
});
