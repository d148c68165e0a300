import { asList, asObject, stringOr } from '../../object.ts';
import {
  type FieldError,
  child,
  duplicate,
  entry,
  invalid,
  item,
  notFound,
  notSupported,
  required,
} from '../../schema/field-error.ts';
import type { JsonObject } from '../../schema/json.ts';
import { nameProblems } from '../../names.ts';
import { nanosOf, quantityText } from './quantity.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];

/** What is wrong with the spec of a pod that its schema does not tell. */
export function podErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const volumes = asList(spec['volumes']).map((volume) => stringOr(asObject(volume)['name'], ''));
  const at = child(path, 'volumes');
  return [
    ...volumes.flatMap((name, index) => nameErrors(name, item(at, index), volumes.slice(0, index))),
    ...containerListErrors(spec['containers'], child(path, 'containers'), volumes),
    ...(spec['initContainers'] === undefined
      ? []
      : containerListErrors(spec['initContainers'], child(path, 'initContainers'), volumes)),
    ...(restartPolicies.includes(String(spec['restartPolicy']))
      ? []
      : [notSupported(child(path, 'restartPolicy'), spec['restartPolicy'], restartPolicies)]),
  ];
}

function containerListErrors(list: unknown, path: string, volumes: readonly string[]): readonly FieldError[] {
  const containers = asList(list).map((container) => asObject(container));
  if (containers.length === 0) return [required(path)];
  const names = containers.map(({ name }) => stringOr(name, ''));
  return containers.flatMap((container, index) => {
    const at = item(path, index);
    return [
      ...nameErrors(names[index] ?? '', at, names.slice(0, index)),
      ...((container['image'] ?? '') === '' ? [required(child(at, 'image'))] : []),
      ...mountErrors(container['volumeMounts'], child(at, 'volumeMounts'), volumes),
      ...resourceErrors(asObject(container['resources']), child(at, 'resources')),
    ];
  });
}

function nameErrors(name: string, at: string, before: readonly string[]): readonly FieldError[] {
  const field = child(at, 'name');
  if (name === '') return [required(field)];
  if (before.includes(name)) return [duplicate(field, name)];
  return nameProblems('label', name).map((why) => invalid(field, name, why));
}

function mountErrors(mounts: unknown, path: string, volumes: readonly string[]): readonly FieldError[] {
  return asList(mounts).flatMap((mount, index) => {
    const { name, mountPath } = asObject(mount);
    const at = item(path, index);
    return [
      ...(volumes.includes(stringOr(name, '')) ? [] : [notFound(child(at, 'name'), name)]),
      ...((mountPath ?? '') === '' ? [required(child(at, 'mountPath'))] : []),
    ];
  });
}

function resourceErrors({ limits, requests }: JsonObject, path: string): readonly FieldError[] {
  return [
    ...negativeErrors(limits, child(path, 'limits')),
    ...negativeErrors(requests, child(path, 'requests')),
    ...Object.entries(asObject(requests)).flatMap(([name, amount]) => {
      const limit = asObject(limits)[name];
      const asked = nanosOf(quantityText(amount));
      const allowed = limit === undefined ? undefined : nanosOf(quantityText(limit));
      if (asked === undefined || allowed === undefined || asked <= allowed) return [];
      const why = `must be less than or equal to ${name} limit of ${quantityText(limit)}`;
      return [invalid(child(path, 'requests'), quantityText(amount), why)];
    }),
  ];
}

const negativeErrors = (amounts: unknown, path: string): readonly FieldError[] =>
  Object.entries(asObject(amounts))
    .filter(([, amount]) => (nanosOf(quantityText(amount)) ?? 0n) < 0n)
    .map(([name, amount]) => invalid(entry(path, name), quantityText(amount), 'must be greater than or equal to 0'));
