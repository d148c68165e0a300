/**
 * The hello component behind jco's bindings and preview2-shim's own HTTP server: `shim-server.mjs COMPONENT PORT HOST`. What
 * the shim lacks of its imports (config and logging) is added here. JavaScript, because what it stands on is not typed.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HTTPServer } from '@bytecodealliance/preview2-shim/http';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { transpileBytes } from '@bytecodealliance/jco-transpile';

const [component, port, host] = process.argv.slice(2);
const { files } = await transpileBytes(await readFile(component), {
  name: 'hello',
  instantiation: { tag: 'async' },
  wasiShim: false,
});
const bindings = join(tmpdir(), `shim-${process.pid}.mjs`);
await writeFile(bindings, files['hello.js']);
const { instantiate } = await import(pathToFileURL(bindings).href);
await rm(bindings);
const config = { 'kasmcloud.host': host };
const exports = await instantiate(
  (name) => new WebAssembly.Module(files[name]),
  {
    ...new WASIShim().getImportObject(),
    'wasi:config/store': { get: (key) => config[key] },
    'wasi:logging/logging': { log: () => undefined },
  },
  (module, imports) => new WebAssembly.Instance(module, imports),
);
const handler = Object.entries(exports).find(([name]) => name.startsWith('wasi:http/incoming-handler'))?.[1];
new HTTPServer(handler).listen(Number(port), '127.0.0.1');
