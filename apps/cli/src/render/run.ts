import { apiVersionOf, Application } from '@kasmcloud/kube-api';
import { parseManifests, type ManifestDocument } from '@kasmcloud/manifest';
import { objectsOf, sharedIds, type CompiledObject } from '@kasmcloud/oam';
import { compileApplication, DEFAULT_NAMESPACE } from '../plan/input/applications.ts';
import { findingLines, Findings } from '../plan/input/problems.ts';
import { readSources } from '../plan/input/sources.ts';
import { UserError } from '../user-error.ts';

export type RenderOutput = 'yaml' | 'json';

export interface RenderRequest {
  /** Files, folders, or `-`. */
  readonly files: readonly string[];
  readonly output: RenderOutput;
  /** Of applications that name none. */
  readonly namespace: string | undefined;
}

export interface RenderStreams {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

type RenderedObject = CompiledObject['object'];

/**
 * Shows what the Applications of the input become. All of it is good, and 0 is returned; or nothing is shown, every
 * problem is told, and 1 is returned.
 *
 * @throws {UserError} for files that cannot be read, and input without an Application.
 */
export async function runRender(request: RenderRequest, streams: RenderStreams): Promise<0 | 1> {
  const findings = new Findings();
  const applications: ManifestDocument[] = [];
  for (const { file, bytes } of await readSources(request.files, streams.stdin)) {
    const { documents, problems } = parseManifests(bytes, { file });
    findings.errors.push(...problems);
    for (const document of documents) {
      if (isApplication(document)) applications.push(document);
      else findings.note(document, ['kind'], `${document.kind} is not an ${Application.kind}: passed over`);
    }
  }
  const objects = applications.flatMap((document) => render(document, applications, request, findings));
  for (const line of findingLines(findings)) streams.err(`${line}\n`);
  if (findings.errors.length > 0) return 1;
  if (applications.length === 0)
    throw new UserError(`there is nothing to render: the input holds no ${Application.kind}`);
  streams.out(await written(objects, request.output));
  return 0;
}

const isApplication = ({ apiVersion, kind }: ManifestDocument): boolean =>
  kind === Application.kind && apiVersion === apiVersionOf(Application);

function render(
  document: ManifestDocument,
  all: readonly ManifestDocument[],
  request: RenderRequest,
  findings: Findings,
): RenderedObject[] {
  const sharedId = sharedIds((name) => {
    const found = all.find(({ value }) => nameOf(value) === name);
    return found && { spec: found.value['spec'] };
  });
  const read = compileApplication(document, findings, sharedId);
  if (read === undefined) return [];
  const namespace = read.namespace ?? request.namespace ?? DEFAULT_NAMESPACE;
  return objectsOf(read.compiled, { namespace, name: read.name }).map(({ object }) => object);
}

function nameOf({ metadata }: ManifestDocument['value']): unknown {
  return typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata['name'] : undefined;
}

async function written(objects: readonly RenderedObject[], output: RenderOutput): Promise<string> {
  if (output === 'json') return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`;
  const { stringify } = await import('yaml');
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
