import { fileURLToPath } from 'node:url';
import { buildAll } from '../component/build.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

await buildAll(
  ['front', 'polite'].map((name) => ({
    name,
    source: path(`${name}.c`),
    wit: path('wit'),
    world: name,
    out: path(`${name}.wasm`),
  })),
);
