import type { DistributionSpec } from '@kasmcloud/kube-api';
import type { Refusal } from './distribution.ts';

/** Of a term or of a label selector. */
interface Requirement {
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

type Requirements = readonly (readonly [field: string, list: readonly Requirement[] | undefined])[];

/**
 * Requirements on labels that say nothing that can be meant: Kubernetes refuses the same of a node affinity. Taken as they
 * stand they would hold nowhere or everywhere, and nobody would be told.
 */
export const malformedRequirements = (spec: DistributionSpec): Refusal[] =>
  requirementsOf(spec).flatMap(([field, list = []]) =>
    list.flatMap((requirement, i) => {
      const message = fault(requirement);
      return message === undefined ? [] : [{ reason: 'InvalidSpec' as const, field: `${field}[${i}].values`, message }];
    }),
  );

function fault({ operator, values = [] }: Requirement): string | undefined {
  if (operator === 'In' || operator === 'NotIn') return values.length > 0 ? undefined : `${operator} needs a value`;
  if (operator === 'Exists' || operator === 'DoesNotExist')
    return values.length === 0 ? undefined : `${operator} takes no values`;
  return values.length === 1 && values.every((value) => /^-?[0-9]+$/.test(value))
    ? undefined
    : `${operator} takes exactly one whole number`;
}

/** Every list of them in a spec, with the path of the field. */
function requirementsOf({
  clusters,
  hosts,
  affinity,
  antiAffinity,
  overrides,
  rollout,
}: DistributionSpec): Requirements {
  const choices = { clusters, hosts };
  const affinities = { affinity, antiAffinity };
  return [
    ...Object.entries(choices).flatMap(([name, choice]) => [
      ...inTerms(`${name}.required`, choice?.required),
      ...inTerms(`${name}.preferred`, choice?.preferred),
    ]),
    ...(clusters?.tiers ?? []).flatMap(({ required }, i) => inTerms(`clusters.tiers[${i}].required`, required)),
    ...Object.entries(affinities).flatMap(([name, choice]) => [
      ...inSelectors(`${name}.required`, choice?.required),
      ...inSelectors(`${name}.preferred`, choice?.preferred),
    ]),
    ...(overrides ?? []).flatMap((one, i) => inTerms(`overrides[${i}].clusters`, one.clusters)),
    ...(rollout?.stages ?? []).flatMap((one, i) => inTerms(`rollout.stages[${i}].clusters`, one.clusters)),
  ];
}

const inTerms = (
  field: string,
  terms: readonly { readonly matchExpressions: readonly Requirement[] }[] = [],
): Requirements => terms.map(({ matchExpressions }, i) => [`${field}[${i}].matchExpressions`, matchExpressions]);

const inSelectors = (
  field: string,
  terms: readonly { readonly selector: { readonly matchExpressions?: readonly Requirement[] | undefined } }[] = [],
): Requirements =>
  terms.map(({ selector }, i) => [`${field}[${i}].selector.matchExpressions`, selector.matchExpressions]);
