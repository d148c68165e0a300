import { fileURLToPath } from 'node:url';
import { buildAll } from '../component/build.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

await buildAll([{ name: 'hello', source: path('hello.c'), wit: path('wit'), world: 'hello', out: path('hello.wasm') }]);
