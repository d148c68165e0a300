import { fileURLToPath } from 'node:url';
import { buildAll } from '../../../../examples/component/build.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

await buildAll([
  {
    name: 'rehearsal',
    source: path('rehearsal.c'),
    wit: path('wit'),
    world: 'rehearsal',
    out: path('rehearsal.wasm'),
  },
]);
