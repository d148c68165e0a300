import { z } from 'zod';

/** A JSON schema as a CRD carries it. */
export type StructuralSchema = { [key: string]: unknown };

/** A zod construct that Kubernetes' structural schemas cannot say; `path` names where it stands. */
export class NotStructuralError extends Error {
  override readonly name = 'NotStructuralError';
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/**
 * The structural OpenAPI v3 schema of a zod schema, as `CustomResourceDefinition.spec.versions[].schema` takes it
 * (Kubernetes documentation, "Specifying a structural schema"). Throws NotStructuralError.
 */
export function toCrdSchema(schema: z.ZodType, path = 'schema'): StructuralSchema {
  return clean(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' }), path);
}

const isRecord = (value: unknown): value is StructuralSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function clean(node: unknown, path: string): StructuralSchema {
  if (!isRecord(node)) throw new NotStructuralError(path, 'a schema must be an object');
  const out: StructuralSchema = {};
  for (const [key, value] of Object.entries(node)) {
    switch (key) {
      case 'properties':
        out['properties'] = mapValues(value, path);
        break;
      case 'items':
        out['items'] = clean(value, `${path}[]`);
        break;
      case 'additionalProperties':
        // `false` is what strict objects give; a CRD prunes unknown fields instead, and may not have both.
        if (isRecord(value) && Object.keys(value).length > 0) out[key] = clean(value, `${path}[*]`);
        break;
      case 'propertyNames':
      case '$schema':
      case 'id':
        break;
      case 'anyOf':
      case 'oneOf':
      case 'allOf':
        if (node['x-kubernetes-int-or-string'] === true) break;
        throw new NotStructuralError(path, `${key} is not structural: use optional fields and a CEL rule`);
      case 'default':
        throw new NotStructuralError(path, 'defaults show as drift: apply them when the spec is read');
      default:
        out[key] = value;
    }
  }
  if (out['type'] === 'integer') dropSafeIntegerBounds(out);
  if (out['x-kubernetes-int-or-string'] === true) delete out['type'];
  return out;
}

function mapValues(value: unknown, path: string): StructuralSchema {
  if (!isRecord(value)) throw new NotStructuralError(path, 'properties must be an object');
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, clean(schema, `${path}.${name}`)]));
}

/** zod bounds every integer by what a JavaScript number holds; in a CRD that is noise. */
function dropSafeIntegerBounds(schema: StructuralSchema): void {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  schema['format'] = 'int64';
}
