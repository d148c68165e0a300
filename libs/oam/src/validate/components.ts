import type { Application } from '../application.ts';
import type { Problems } from '../problem.ts';

/** Rust's `\w`, which wadm's rule uses, is wider than JavaScript's. */
const manifestName = /^[-\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+$/u;

export function checkNames({ name, version, labels, annotations }: Application, problems: Problems): void {
  if (!manifestName.test(name))
    problems.error(['metadata', 'name'], `manifest name [${name}] is not allowed (should match regex [^[-\\w]+$])`);
  if (version === 'latest') problems.error(['metadata', 'annotations', 'version'], 'latest is not allowed in wadm');
  for (const [key, value] of Object.entries(labels))
    if (!isOamKey(key)) problems.error(['metadata', 'labels', key], `Invalid OAM label: ${pair(key, value)}`);
  for (const [key, value] of Object.entries(annotations))
    if (!isOamKey(key)) problems.error(['metadata', 'annotations', key], `Invalid OAM annotation: ${pair(key, value)}`);
}

const pair = (key: string, value: string): string => `(${JSON.stringify(key)}, ${JSON.stringify(value)})`;

/** `prefix/name` or `name`: the prefix a DNS subdomain whose parts start with a letter, the name as in Kubernetes. */
export function isOamKey(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (!/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(name)) return false;
  if (slash < 0) return true;
  const prefix = key.slice(0, slash);
  const part = /^[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
  return prefix.length <= 253 && prefix.split('.').every((one) => part.test(one));
}

export function checkComponents({ components }: Application, problems: Problems): void {
  const names = new Set<string>();
  for (const { name, path } of components) {
    if (names.has(name)) problems.error([...path, 'name'], `Duplicate component name in manifest: ${name}`);
    names.add(name);
  }
  const ids = new Set<string>();
  for (const { id, path } of components) {
    if (id === undefined) continue;
    if (ids.has(id)) problems.error([...path, 'properties', 'id'], `Duplicate component identifier in manifest: ${id}`);
    ids.add(id);
  }
}
