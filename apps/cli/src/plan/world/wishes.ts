import { keyOf, labels, typeMeta, WasmCloudDistribution, type DistributionObject } from '@kasmcloud/kube-api';
import type { FieldPath, ManifestDocument } from '@kasmcloud/manifest';
import { readDistribution } from '@kasmcloud/placement';
import { DEFAULT_NAMESPACE, type PlannedApplication } from '../input/applications.ts';
import type { InputObjects } from '../input/objects.ts';
import { positionText, type Findings } from '../input/problems.ts';
import type { DistributionInput } from '../input/schemas.ts';
import { plainMetadata } from './inventory.ts';

/** A Distribution to plan, and where it was written. */
export interface Wish {
  readonly object: DistributionObject;
  readonly document: ManifestDocument;
  /** On its way out: what it runs stops. */
  readonly leaving: boolean;
}

/**
 * What is to run, by `namespace/name`. An Application speaks for the Distributions that it becomes: those that the input
 * holds of it give way, and those that it no longer makes leave.
 */
export function readWishes(
  objects: InputObjects,
  applications: readonly PlannedApplication[],
  findings: Findings,
): Map<string, Wish> {
  const wishes = new Map<string, Wish>();
  const speakers = new Map<string, ManifestDocument>();
  for (const { namespace, name, document, distributions } of applications) {
    const other = speakers.get(`${namespace}/${name}`);
    if (other !== undefined) {
      const message = `application ${namespace}/${name} is already at ${positionText(other)}`;
      findings.error(document, ['metadata', 'name'], message);
      continue;
    }
    speakers.set(`${namespace}/${name}`, document);
    for (const one of distributions) add({ ...one, leaving: false });
  }
  for (const { object, document } of objects.distributions) {
    const distribution = toObject(object);
    const { namespace = '', deletionTimestamp, labels: own } = distribution.metadata;
    const application = own?.[labels.application];
    const isSpokenFor = application !== undefined && speakers.has(`${namespace}/${application}`);
    if (isSpokenFor && wishes.has(keyOf(distribution))) continue;
    add({ object: distribution, document, leaving: isSpokenFor || deletionTimestamp !== undefined });
  }
  for (const wish of wishes.values()) checkSpec(wish, findings);
  return wishes;

  function add(wish: Wish): void {
    const key = keyOf(wish.object);
    const other = wishes.get(key)?.document;
    if (other === undefined) wishes.set(key, wish);
    else
      findings.error(wish.document, ['metadata', 'name'], `distribution ${key} is already at ${positionText(other)}`);
  }
}

function toObject({ metadata, spec }: DistributionInput): DistributionObject {
  return {
    ...typeMeta(WasmCloudDistribution),
    metadata: { ...plainMetadata(metadata), namespace: metadata.namespace ?? DEFAULT_NAMESPACE },
    spec,
  };
}

/** What the rules of the API server would refuse, as the planner itself judges it. */
function checkSpec({ object: { metadata, spec }, document }: Wish, findings: Findings): void {
  const facts = { namespace: metadata.namespace ?? '', name: metadata.name, revision: '', current: [] };
  for (const { reason, field, message } of readDistribution(spec, facts).refused)
    if (reason === 'InvalidSpec') findings.error(document, ['spec', ...pathOf(field)], message);
}

/** `spread[0].weights` as steps; the name of a resource may hold dots. */
function pathOf(field: string): FieldPath {
  const resource = /^resources\.(.+)$/.exec(field)?.[1];
  if (resource !== undefined) return ['resources', resource];
  return [...field.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
}
