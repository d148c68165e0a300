export { applyObject } from './apply-object.ts';
export type { ApplyConflict, ApplyResult } from './apply-object.ts';
export { ApplyError } from './merge.ts';
export { trackUpdate } from './track-update.ts';
export type { FieldManagerContext } from './track-update.ts';
