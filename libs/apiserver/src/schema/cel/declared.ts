import type { Structural } from '../structural.ts';
import { fieldName } from './field-name.ts';

/** What a schema promises of a value, as far as the cost of a rule depends on it. */
export interface Declared {
  /** The shortest JSON of such a value, in bytes. */
  readonly minBytes: number;
  /** The most characters, items or entries that it can have; 0 for what is not counted. */
  readonly maxElements: number;
  /** By the name that rules use. */
  readonly fields: ReadonlyMap<string, Declared>;
  readonly element: Declared | undefined;
  readonly key: Declared | undefined;
}

/** No request is larger, and so no value in it. */
const maxRequestBytes = 3 * 1024 * 1024;

const scalar = (minBytes: number, maxElements = 0): Declared => ({
  minBytes,
  maxElements,
  fields: new Map(),
  element: undefined,
  key: undefined,
});

const anyString = scalar(2, maxRequestBytes - 2);
const mapKey = scalar(2);
const metadata: Declared = {
  ...scalar(2),
  fields: new Map([
    ['name', anyString],
    ['generateName', anyString],
  ]),
};

/** How often a value of such a size fits into one request. */
export const mostValues = ({ minBytes }: Declared): number => Math.floor(maxRequestBytes / (minBytes + 1));

/** Undefined where rules do not see a value. Source: k8s.io/apiserver pkg/cel/common/schemas.go. */
export function declaredBy(schema: Structural, isResource: boolean): Declared | undefined {
  if (schema.intOrString) return scalar(1, maxRequestBytes - 2);
  switch (schema.type) {
    case 'array': {
      const element = schema.items && declaredBy(schema.items, schema.items.embedded);
      if (element === undefined) return undefined;
      const most = Math.floor((maxRequestBytes - 2) / (element.minBytes + 1));
      return { ...scalar(2, schema.maxItems ?? most), element };
    }
    case 'object':
      return schema.additional === undefined ? declaredObject(schema, isResource) : declaredMap(schema);
    case 'string':
      return declaredString(schema);
    case 'boolean':
      return scalar(4);
    case 'number':
    case 'integer':
      return scalar(1);
    default:
      return undefined;
  }
}

function declaredMap({ additional, maxProperties }: Structural): Declared | undefined {
  const element = additional && declaredBy(additional, additional.embedded);
  if (element === undefined) return undefined;
  const most = Math.floor((maxRequestBytes - 2) / (element.minBytes + 6));
  return { ...scalar(2, maxProperties ?? most), element, key: mapKey };
}

function declaredObject(schema: Structural, isResource: boolean): Declared {
  const fields = new Map<string, Declared>();
  let minBytes = 2;
  for (const [property, inner] of schema.properties) {
    const declared = declaredBy(inner, inner.embedded);
    const name = fieldName(property);
    if (declared === undefined) continue;
    if (name !== undefined) fields.set(name, declared);
    // A default is filled in by the server, and costs no bytes of the request.
    if (schema.required.includes(property) && inner.defaultValue === undefined) {
      minBytes += property.length + declared.minBytes + 4;
    }
  }
  if (isResource) fields.set('apiVersion', anyString).set('kind', anyString).set('metadata', metadata);
  return { ...scalar(minBytes), fields };
}

/** A character takes up to four bytes, and bytes are what is counted. */
const bytesOfCharacter = 4;

function declaredString({ format, maxLength, enumTexts }: Structural): Declared {
  switch (format) {
    case 'byte':
      return scalar(2, maxLength ?? maxRequestBytes - 2);
    case 'duration':
      return scalar(3, 32);
    case 'date':
      return scalar(12, 12);
    case 'date-time':
      return scalar(21, 32);
    default:
  }
  if (maxLength !== undefined) return scalar(2, maxLength * bytesOfCharacter);
  return enumTexts.length === 0 ? anyString : scalar(2, Math.max(...enumTexts.map((text) => Buffer.byteLength(text))));
}
