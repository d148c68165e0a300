import { apiVersionOf, type Kind } from '@kasmcloud/kube-api';
import { InvalidError } from './errors.ts';

export type Subresource = 'status' | 'scale';

/** `/api/v1/namespaces/default/configmaps`: where a kind's objects are listed and created. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const root = `${kind.group === '' ? '/api' : '/apis'}/${apiVersionOf(kind)}`;
  if (namespace === undefined) return `${root}/${kind.plural}`;
  if (!kind.namespaced) throw invalid(kind, `${kind.kind} is cluster-scoped and takes no namespace`);
  return `${root}/namespaces/${segment(kind, namespace)}/${kind.plural}`;
}

/** The path of one object. Throws InvalidError for a name that could not be one, before anything is sent. */
export function objectPath(kind: Kind, name: string, namespace?: string, subresource?: Subresource): string {
  if (kind.namespaced && namespace === undefined) throw invalid(kind, `${kind.kind} "${name}" needs a namespace`);
  const path = `${collectionPath(kind, namespace)}/${segment(kind, name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `?a=1&b=2`, leaving out what is undefined or false; '' when nothing is left. */
export function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === false || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Names reach us from the outside: one such as `..` would be resolved away and address another resource. */
function segment(kind: Kind, name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw invalid(kind, `"${name}" cannot be the name of a ${kind.kind} or its namespace`);
  }
  return encodeURIComponent(name);
}

const invalid = (kind: Kind, message: string): InvalidError =>
  new InvalidError({
    request: kind.plural,
    status: 422,
    reason: 'Invalid',
    message,
    details: { group: kind.group, kind: kind.kind },
    causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name', message }],
    retryAfterMs: undefined,
  });
