import { annotations as names, QUOTA_PREFIX, type ObjectMeta } from '@kasmcloud/kube-api';
import { QuantityError } from '../model/quantity.ts';
import type { NamespaceBounds } from '../model/snapshot.ts';
import { readAmounts } from '../model/spec.ts';

export interface NamespaceReading {
  /** Undefined when the namespace has none. */
  readonly bounds: NamespaceBounds | undefined;
  /** Annotations that cannot be read. Each counts as 0: a bound with a slip of the pen is no freedom. */
  readonly wrong: readonly { readonly annotation: string; readonly message: string }[];
}

/** The bounds that the annotations of a hub namespace set to its Distributions (DESIGN §4, 11). */
export function readNamespace({ name, annotations = {} }: Pick<ObjectMeta, 'name' | 'annotations'>): NamespaceReading {
  const wrong: { annotation: string; message: string }[] = [];
  const quota: Record<string, number> = {};
  let maxPriority: number | undefined;
  for (const [annotation, text] of Object.entries(annotations)) {
    if (annotation === names.maxPriority) {
      const isWhole = /^\d{1,4}$/.test(text);
      if (!isWhole) wrong.push({ annotation, message: `"${text}" is no priority from 0 to 1000` });
      maxPriority = isWhole ? Number(text) : 0;
    } else if (annotation.startsWith(QUOTA_PREFIX)) {
      const resource = annotation.slice(QUOTA_PREFIX.length);
      const amount = amountOf(resource, text);
      if (amount === undefined) wrong.push({ annotation, message: `"${text}" is no quantity such as 250m, 64Mi or 2` });
      quota[resource] = amount ?? 0;
    }
  }
  const hasQuota = Object.keys(quota).length > 0;
  const bounds =
    maxPriority === undefined && !hasQuota
      ? undefined
      : { name, ...(maxPriority !== undefined && { maxPriority }), ...(hasQuota && { quota }) };
  return { bounds, wrong };
}

function amountOf(resource: string, text: string): number | undefined {
  try {
    const amount = readAmounts({ [resource]: text })[resource];
    return amount === undefined || amount < 0 ? undefined : amount;
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}
