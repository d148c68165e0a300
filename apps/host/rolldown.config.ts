import { wasmAssets, wasmEntries } from '@kasmcloud/wasm';
import { app } from '../../rolldown.shared.ts';

// The threads that build and run components are files of their own.
export default {
  ...app({ main: 'src/main.ts', 'far-caller': 'src/actors/far-caller.ts', ...wasmEntries }),
  plugins: [wasmAssets()],
};
