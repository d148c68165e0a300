import { readNamespace, type NamespaceReading } from '@kasmcloud/placement';
import type { InputObjects } from '../input/objects.ts';
import type { Findings } from '../input/problems.ts';

type Bounds = NonNullable<NamespaceReading['bounds']>;

/** The bounds of the namespaces of the input; an annotation that cannot be read is an error. */
export function readBounds({ namespaces }: InputObjects, findings: Findings): Bounds[] {
  return namespaces.flatMap(({ object: { metadata }, document }) => {
    const { name, annotations } = metadata;
    const { bounds, wrong } = readNamespace({ name, ...(annotations !== undefined && { annotations }) });
    for (const { annotation, message } of wrong)
      findings.error(document, ['metadata', 'annotations', annotation], message);
    return bounds ?? [];
  });
}
