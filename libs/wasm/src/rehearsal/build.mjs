import { fileURLToPath } from 'node:url';
import { buildAll } from '../../../../examples/component/build.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

// The world of `examples/hello` has the interfaces that it uses.
const wit = path('../../../../examples/hello/wit');
await buildAll([{ name: 'rehearsal', source: path('rehearsal.c'), wit, world: 'hello', out: path('rehearsal.wasm') }]);
