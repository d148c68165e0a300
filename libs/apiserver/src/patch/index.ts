export { jsonPatch } from './json-patch.ts';
export { mergePatch } from './merge-patch.ts';
export { PatchError } from './patch-error.ts';
