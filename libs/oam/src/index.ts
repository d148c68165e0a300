export { traitTypes } from './application.ts';
export type {
  Application,
  Component,
  Config,
  CustomTrait,
  LinkEnd,
  LinkTrait,
  Policy,
  ScalerTrait,
  Secret,
  Spread,
  Trait,
} from './application.ts';
export { compile, type Compiled, type CompileOptions, type Named } from './compile/compile.ts';
export type { CompiledConfig } from './compile/configs.ts';
export { objectsOf, type CompiledObject } from './compile/objects.ts';
export { sharedIds } from './compile/shared-ids.ts';
export { componentId, configName, objectName, secretName } from './compile/names.ts';
export { parseApplication, type Parsed } from './parse/manifest.ts';
export { hasErrors, type FieldPath, type Position, type Problem } from './problem.ts';
export {
  aggregateStatus,
  linkScalerName,
  linkStatus,
  modelSummary,
  scalerStatus,
  statusText,
  type ScalerProgress,
} from './status.ts';
export { addVersion, latestVersion, removeVersion, resolveVersion, withVersion, type Versions } from './versions.ts';
