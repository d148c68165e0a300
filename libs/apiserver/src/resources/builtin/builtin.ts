import { compiledOnUse } from '../../schema/index.ts';
import type { JsonObject } from '../../schema/json.ts';
import { type KubeObject, apiVersion, qualifiedName } from '../../object.ts';
import { type Printer, type Resource, type Strategy, type Verb, allVerbs } from '../resource.ts';
import { valueAt } from '../../paths.ts';
import { writing } from './written.ts';

interface Builtin {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Shown by `kubectl explain`. */
  readonly description: string;
  /** Schemas of the root fields besides apiVersion, kind and metadata. */
  readonly fields: JsonObject;
  readonly required?: readonly string[];
  /** The root fields that are written even when nobody set them. */
  readonly written?: JsonObject;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs?: readonly Verb[];
  readonly status?: boolean;
  readonly scale?: Resource['scale'];
  readonly subresources?: Resource['subresources'];
  readonly printer?: Printer;
  /** Selectable fields: dotted paths, or a label with its own reader. */
  readonly selectable?: readonly (string | readonly [string, (object: KubeObject) => string])[];
  readonly strategy?: Partial<Strategy>;
  readonly bucket?: string;
  readonly storage?: Pick<Resource, 'fromStorage' | 'toStorage'>;
}

const ordinary: Strategy = { names: 'subdomain', generation: false, unconditionalUpdate: true, createOnUpdate: false };

export function builtin(definition: Builtin): Resource {
  const { group, version, kind, plural } = definition;
  const schema = writing(
    {
      type: 'object',
      description: definition.description,
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        ...definition.fields,
      },
      ...(definition.required === undefined ? {} : { required: [...definition.required] }),
    },
    definition.written ?? {},
  );
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    plural,
    singular: definition.singular ?? kind.toLowerCase(),
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    namespaced: definition.namespaced,
    verbs: definition.verbs ?? allVerbs,
    bucket: definition.bucket ?? qualifiedName({ group, plural }),
    custom: false,
    status: definition.status ?? false,
    scale: definition.scale,
    subresources: definition.subresources ?? {},
    schema,
    compiled: compiledOnUse(schema),
    columns: [],
    printer: definition.printer,
    selectable: new Map(
      (definition.selectable ?? []).map((field) => (typeof field === 'string' ? [field, reader(field)] : field)),
    ),
    strategy: { ...ordinary, ...definition.strategy },
    ...(definition.storage ?? { fromStorage: (object) => object, toStorage: (object) => object }),
  };
}

/** Reads a selectable field as text; what is absent is the empty string. */
export function reader(path: string): (object: KubeObject) => string {
  const keys = path.split('.').filter((key) => key !== '');
  return (object) => {
    const value = valueAt(object, keys);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  };
}

/** The same resource under another version of its group: only the version's name differs. */
export const renamed = (
  resource: Pick<Resource, 'group' | 'version'>,
): Pick<Resource, 'fromStorage' | 'toStorage'> => ({
  fromStorage: (object) => ({ ...object, apiVersion: apiVersion(resource) }),
  toStorage: (object) => object,
});
