import type { Requirement } from '@kasmcloud/kube-api';

type Labels = Readonly<Record<string, string>>;

/** Whether a cluster's labels meet any of some terms, as `clusters.required` judges them; no terms at all hold everywhere. */
export const holdsAnyTerm = (terms: readonly (readonly Requirement[])[], labels: Labels): boolean =>
  terms.length === 0 || terms.some((term) => term.every((requirement) => meets(requirement, labels)));

function meets({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isMore(value, values[0]);
    case 'Lt':
      return isMore(values[0], value);
  }
}

/** Whole numbers may have more digits than a double holds. */
function isMore(a: string | undefined, b: string | undefined): boolean {
  const whole = /^-?\d{1,63}$/;
  return a !== undefined && b !== undefined && whole.test(a) && whole.test(b) && BigInt(a) > BigInt(b);
}
