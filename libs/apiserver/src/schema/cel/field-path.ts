import { fieldSchema } from '../structural.ts';
import type { Structural } from '../structural.ts';

/**
 * The `fieldPath` of a rule, `.spec.a` or `.spec['a.b']`, as it is appended to the path of the rule's node; undefined when the
 * schema has no such field.
 */
export function rulePath(fieldPath: string, schema: Structural): string | undefined {
  let rest = fieldPath;
  let result = '';
  let at: Structural | undefined = schema;
  while (rest !== '') {
    const [token, dotted, quoted] = /^(?:\.([^.[\]]+)|\['((?:\\.|[^'\\])*)'\])/.exec(rest) ?? [];
    if (token === undefined || at === undefined) return undefined;
    const name = dotted ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1');
    result += at.properties.size > 0 ? `.${name}` : `[${name}]`;
    at = fieldSchema(at, name);
    rest = rest.slice(token.length);
  }
  return at === undefined ? undefined : result;
}
