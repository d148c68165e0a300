import {
  Application as ApplicationKind,
  builtin,
  GitSource,
  labels,
  typeMeta,
  WasmCloudDistribution,
  WasmCloudLink,
  type DistributionObject,
  type DistributionSpec,
} from '@kasmcloud/kube-api';
import { parseManifests, validateWith, type ManifestDocument } from '@kasmcloud/manifest';
import { compile, hasErrors, parseApplication, type Problem } from '@kasmcloud/oam';
import { z } from 'zod';
import { RefusedError } from '../access/refused-error.ts';
import { invalidManifest } from './manifest-body.ts';
import { namespaceName } from './shapes.ts';

/** What the manifests of a request come to. */
export interface Wish {
  readonly distributions: readonly DistributionObject[];
  /** Applications, `namespace/name`, whose other Distributions would go. */
  readonly applications: ReadonlySet<string>;
  readonly warnings: readonly Problem[];
}

const distribution = z.object({
  metadata: z.object({
    name: z.string().min(1).max(253),
    namespace: namespaceName.optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  spec: WasmCloudDistribution.spec,
});

/** Kinds that go with the others in one file and place nothing by themselves. */
const unplaced: readonly string[] = [
  WasmCloudLink.kind,
  builtin.ConfigMap.kind,
  GitSource.kind,
  builtin.Namespace.kind,
];

/** Reads Applications and Distributions; what names no namespace is in `namespace`. */
export function readWish(body: Uint8Array, namespace: string): Wish {
  const { documents, problems } = parseManifests(body, { file: 'body' });
  if (problems.length > 0) {
    throw new RefusedError('invalid', 'the body is not valid', {
      details: problems.map(({ field = '', message, line, column }) => ({ field, message, line, column })),
    });
  }
  const distributions: DistributionObject[] = [];
  const applications = new Set<string>();
  const found: Problem[] = [];
  for (const document of documents) {
    if (document.kind === ApplicationKind.kind) {
      const compiled = readApplication(document, namespace);
      found.push(...compiled.problems);
      distributions.push(...compiled.distributions);
      if (compiled.key !== undefined) applications.add(compiled.key);
    } else if (document.kind === WasmCloudDistribution.kind) {
      const valid = validateWith(document, distribution);
      if (valid.kind === 'valid') distributions.push(toObject(valid.value.metadata, valid.value.spec, namespace));
      else found.push(...valid.problems.map(({ field = '', message }) => problem(field, message)));
    } else if (!unplaced.includes(document.kind)) {
      found.push(problem('kind', `${document.kind} cannot be planned`));
    }
  }
  if (documents.length === 0) found.push(problem('', 'there is no manifest in the body'));
  if (hasErrors(found)) throw invalidManifest(found.filter(({ severity }) => severity === 'Error'));
  return { distributions, applications, warnings: found };
}

const problem = (field: string, message: string): Problem => ({ severity: 'Error', field, message });

function readApplication(
  { value, positionOf }: ManifestDocument,
  fallback: string,
): { key?: string; distributions: DistributionObject[]; problems: readonly Problem[] } {
  const { application, problems } = parseApplication(value, positionOf);
  if (application === undefined) return { distributions: [], problems };
  const { name } = application;
  const own = z.object({ metadata: z.object({ namespace: namespaceName.default(fallback) }) }).safeParse(value);
  if (!own.success) return { distributions: [], problems: [problem('metadata.namespace', 'must be a namespace')] };
  const { namespace } = own.data.metadata;
  const compiled = compile(application, { namespace, name, positionOf });
  const meta = { labels: { [labels.application]: name } };
  return {
    key: `${namespace}/${name}`,
    distributions: compiled.distributions.map((one) => toObject({ ...meta, name: one.name }, one.spec, namespace)),
    problems: [...problems, ...compiled.problems],
  };
}

const toObject = (
  metadata: { name: string; namespace?: string | undefined; labels?: Record<string, string> | undefined },
  spec: DistributionSpec,
  fallback: string,
): DistributionObject => ({
  ...typeMeta(WasmCloudDistribution),
  metadata: {
    name: metadata.name,
    namespace: metadata.namespace ?? fallback,
    ...(metadata.labels !== undefined && { labels: metadata.labels }),
  },
  spec,
});
