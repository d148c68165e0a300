import { fileURLToPath } from 'node:url';
import { buildAll } from '../component/build.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

await buildAll(
  ['visits', 'guard', 'cache'].map((world) => ({
    name: world,
    source: path(`${world}.c`),
    wit: path('wit'),
    world,
    out: path(`${world}.wasm`),
  })),
);
