import type { Requirement } from '@kasmcloud/kube-api';
import type { Term } from '../model/distribution.ts';
import type { Labels } from '../model/snapshot.ts';

/** A label's value. Keys come from outside: `constructor` is one like any other. */
export const labelOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

/** Whether labels meet one requirement, as Kubernetes node selectors judge it. */
export function meets(requirement: Requirement, labels: Labels): boolean {
  const value = labelOf(labels, requirement.key);
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return exceeds(value, values[0]);
    case 'Lt':
      return exceeds(values[0], value);
  }
}

/** Whether `a` and `b` are whole numbers and `a` is larger. Labels may hold more digits than a double. */
function exceeds(a: string | undefined, b: string | undefined): boolean {
  const whole = /^-?\d{1,63}$/;
  return a !== undefined && b !== undefined && whole.test(a) && whole.test(b) && BigInt(a) > BigInt(b);
}

export const holds = (term: Term, labels: Labels): boolean => term.every((requirement) => meets(requirement, labels));

/** Any term must hold; no terms at all hold everywhere. */
export const holdsAny = (terms: readonly Term[], labels: Labels): boolean =>
  terms.length === 0 || terms.some((term) => holds(term, labels));

/** wadm's requirements: every label there with exactly this value. */
export function matchesAll(requirements: Labels, labels: Labels): boolean {
  for (const key of Object.keys(requirements)) if (labelOf(labels, key) !== requirements[key]) return false;
  return true;
}
