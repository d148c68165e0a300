import { fileURLToPath } from 'node:url';
import { buildAll } from '../component/build.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

await buildAll([
  { name: 'visits', source: path('visits.c'), wit: path('wit'), world: 'visits', out: path('visits.wasm') },
]);
