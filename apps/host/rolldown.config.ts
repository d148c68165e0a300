import { wasmAssets, wasmEntries, wasmScripts } from '@kasmcloud/wasm';
import { app, script, thread } from '../../rolldown.shared.ts';

export default [
  { ...app({ main: 'src/main.ts', 'far-caller': 'src/actors/far-caller.ts' }), plugins: [wasmAssets()] },
  ...Object.entries(wasmEntries).map(([name, source]) => thread(name, source)),
  ...Object.entries(wasmScripts).map(([name, source]) => script(name, source)),
];
