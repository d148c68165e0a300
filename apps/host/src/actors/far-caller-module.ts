import type { FarCallerModule } from '@kasmcloud/wasm';
import type { FarOptions } from './far-caller.ts';

/** Where threads find `openFarCaller`: its source while this file is source, a file beside the bundle once it is bundled. */
export const farCaller = (options: FarOptions): FarCallerModule => {
  const file = import.meta.url.endsWith('.ts') ? './far-caller.ts' : './far-caller.js';
  return { url: new URL(file, import.meta.url).href, options };
};
