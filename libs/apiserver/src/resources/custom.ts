import { type KubeObject, apiVersion, asList, asObject, asStrings, qualifiedName, stringOr } from '../object.ts';
import { valueAt } from '../paths.ts';
import { type FieldError, invalid } from '../schema/field-error.ts';
import { type CompiledSchema, compiledOnUse } from '../schema/index.ts';
import { type JsonObject, sameJson } from '../schema/json.ts';
import type { Column } from '../table/index.ts';
import { JsonPathError, compileJsonPath } from '../table/json-path.ts';
import { reader } from './builtin/builtin.ts';
import { type Resource, type ScalePaths, type Strategy, allVerbs } from './resource.ts';

const strategy: Strategy = {
  names: 'subdomain',
  generation: true,
  unconditionalUpdate: false,
  createOnUpdate: false,
};

/** The resources that a CustomResourceDefinition, accepted by its validation, makes the server serve. */
export function customResources(crd: KubeObject): readonly Resource[] {
  const spec = asObject(crd['spec']);
  return asList(spec['versions'])
    .map((version) => asObject(version))
    .filter((version) => version['served'] === true)
    .map((version) => customResource(spec, version, Number(crd.metadata.resourceVersion)));
}

/** The counts that a Scale shows are counts. */
function scaleErrors(object: KubeObject, scale: unknown): readonly FieldError[] {
  const { specReplicasPath, statusReplicasPath } = asObject(scale);
  return [specReplicasPath, statusReplicasPath].flatMap((path) => {
    const value = typeof path === 'string' ? valueAt(object, path.split('.').slice(1)) : undefined;
    if (typeof value === 'number' && Number.isInteger(value)) {
      return value >= 0 ? [] : [invalid(String(path), value, 'should be a non-negative integer')];
    }
    if (value === undefined || value === null) return [];
    const [shown, type] = goValue(value);
    return [
      invalid(String(path), 0, `${String(path)} accessor error: ${shown} is of the type ${type}, expected int64`),
    ];
  });
}

/** A value as Go prints it, and its type. */
function goValue(value: unknown): readonly [shown: string, type: string] {
  if (typeof value === 'string') return [value, 'string'];
  if (typeof value === 'number') return [String(value), 'float64'];
  if (typeof value === 'boolean') return [String(value), 'bool'];
  return [JSON.stringify(value), Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'];
}

/** Columns with a path that cannot be read leave the kind with the columns of one that has none. */
function printable(columns: readonly Column[]): readonly Column[] {
  try {
    for (const { jsonPath } of columns) compileJsonPath(jsonPath);
    return columns;
  } catch (error) {
    if (error instanceof JsonPathError) return [];
    throw error;
  }
}

/**
 * An object in the form of the version that it is read in. The only conversion between versions is 'None': the name of the
 * version changes. But another version may know other fields and defaults, and so may a schema that is newer than the object.
 * @param since the resource version of the definition: what was written later fits its schema
 */
function asRead(served: string, since: number, compiled: CompiledSchema): (object: KubeObject) => KubeObject {
  const read = new WeakMap<KubeObject, KubeObject>();
  return (object) => {
    if (object.apiVersion === served && Number(object.metadata.resourceVersion) > since) return object;
    const known = read.get(object);
    if (known !== undefined) return known;
    const fitting = compiled.default(compiled.prune({ ...object, apiVersion: served }).object) as KubeObject;
    const shown = sameJson(fitting, object) ? object : fitting;
    read.set(object, shown);
    return shown;
  };
}

function customResource(spec: JsonObject, version: JsonObject, since: number): Resource {
  const names = asObject(spec['names']);
  const group = stringOr(spec['group'], '');
  const versionName = stringOr(version['name'], '');
  const plural = stringOr(names['plural'], '');
  const kind = stringOr(names['kind'], '');
  const served = apiVersion({ group, version: versionName });
  const subresources = asObject(version['subresources']);
  const schema = asObject(asObject(version['schema'])['openAPIV3Schema']);
  const compiled = compiledOnUse(schema);
  return {
    group,
    version: versionName,
    kind,
    listKind: stringOr(names['listKind'], `${kind}List`),
    plural,
    singular: stringOr(names['singular'], kind.toLowerCase()),
    shortNames: asStrings(names['shortNames']),
    categories: asStrings(names['categories']),
    namespaced: spec['scope'] === 'Namespaced',
    verbs: allVerbs,
    bucket: qualifiedName({ group, plural }),
    custom: true,
    status: subresources['status'] !== undefined,
    scale: scalePaths(subresources['scale']),
    subresources: {},
    schema,
    compiled,
    columns: printable(asList(version['additionalPrinterColumns']) as readonly Column[]),
    printer: undefined,
    selectable: new Map(
      asList(version['selectableFields'])
        .map((field) => stringOr(asObject(field)['jsonPath'], '').replace(/^\./, ''))
        .map((path) => [path, reader(path)]),
    ),
    strategy: { ...strategy, validate: (object) => scaleErrors(object, subresources['scale']) },
    fromStorage: asRead(served, since, compiled),
    toStorage: (object) => object,
  };
}

function scalePaths(scale: unknown): ScalePaths | undefined {
  if (scale === undefined) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = asObject(scale);
  return {
    replicas: keys(specReplicasPath),
    statusReplicas: keys(statusReplicasPath),
    selector: labelSelectorPath === undefined ? undefined : keys(labelSelectorPath),
  };
}

const keys = (path: unknown): string[] =>
  stringOr(path, '')
    .split('.')
    .filter((key) => key !== '');
