import { labels, typeMeta, WasmCloudDistribution, type DistributionObject } from '@kasmcloud/kube-api';
import { validateWith, type ManifestDocument } from '@kasmcloud/manifest';
import { compile, parseApplication, type Compiled, type CompileOptions, type Problem } from '@kasmcloud/oam';
import type { Located } from './objects.ts';
import type { Findings } from './problems.ts';
import { namespace as objectOnly } from './schemas.ts';

/** Namespace of objects that name none, as for kubectl. */
export const DEFAULT_NAMESPACE = 'default';

/** An Application as the Distributions that it becomes. */
export interface PlannedApplication {
  readonly namespace: string;
  readonly name: string;
  readonly document: ManifestDocument;
  readonly distributions: readonly Located<DistributionObject>[];
  readonly links: Compiled['links'];
  readonly configMaps: Compiled['configMaps'];
}

/** An Application, checked and compiled. */
export interface CompiledApplication {
  /** As written; absent when the manifest names none. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly compiled: Compiled;
}

/** Compiles an Application as the scheduler would; undefined when an error was found. */
export function compileApplication(
  document: ManifestDocument,
  findings: Findings,
  sharedId?: CompileOptions['sharedId'],
): CompiledApplication | undefined {
  const checked = validateWith(document, objectOnly);
  const { application, problems } = parseApplication(document.value, document.positionOf);
  tell(document, problems, findings);
  if (checked.kind === 'invalid') {
    // What both readers found is told once, in wadm's words.
    if (application !== undefined) findings.errors.push(...checked.problems);
    return undefined;
  }
  if (application === undefined) return undefined;
  const { name, namespace } = checked.value.metadata;
  const { positionOf } = document;
  const options = { namespace: namespace ?? DEFAULT_NAMESPACE, name, positionOf };
  const compiled = compile(application, { ...options, ...(sharedId && { sharedId }) });
  tell(document, compiled.problems, findings);
  return { namespace, name, compiled };
}

/** An Application as what it asks of a plan; undefined when an error was found. */
export function planApplication(document: ManifestDocument, findings: Findings): PlannedApplication | undefined {
  const read = compileApplication(document, findings);
  if (read === undefined) return undefined;
  const { name, namespace = DEFAULT_NAMESPACE, compiled } = read;
  return {
    namespace,
    name,
    document,
    links: compiled.links,
    configMaps: compiled.configMaps,
    distributions: compiled.distributions.map((one) => ({
      document,
      object: {
        ...typeMeta(WasmCloudDistribution),
        metadata: { name: one.name, namespace, labels: { [labels.application]: name } },
        spec: one.spec,
      },
    })),
  };
}

function tell({ file, positionOf }: ManifestDocument, problems: readonly Problem[], findings: Findings): void {
  for (const { severity, field, message, position } of problems) {
    const { line, column } = position ?? positionOf([]);
    const problem = { file, line, column, ...(field !== '' && { field }), message };
    (severity === 'Error' ? findings.errors : findings.notes).push(problem);
  }
}
