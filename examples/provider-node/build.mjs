import { fileURLToPath } from 'node:url';
import { buildAll } from '../component/build.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

await buildAll([{ name: 'words', source: path('words.c'), wit: path('wit'), world: 'actor', out: path('words.wasm') }]);
