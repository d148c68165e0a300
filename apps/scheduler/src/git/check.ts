import { annotations, Application, labels, type Kind, type KubeObject } from '@kasmcloud/kube-api';
import { formatProblem, parseManifests, validateWith, type ManifestDocument, type Problem } from '@kasmcloud/manifest';
import { allowedFor, allowedKinds, inventoryId } from './allowed.ts';

export interface SourceFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** An object of the commit, ready to be applied. */
export interface Wanted {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly id: string;
  readonly file: string;
}

export interface Origin {
  readonly source: string;
  readonly namespace: string;
  readonly url: string;
}

/** Further judgement of an Application's meaning; problems carry the field's path. */
export type JudgeApplication = (document: ManifestDocument) => readonly Problem[];

export type Checked =
  | { readonly kind: 'good'; readonly wanted: readonly Wanted[] }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/**
 * All documents of a commit, checked as a whole: one problem refuses all of it, so that nothing is half applied.
 * Each problem says file, line and column, field, and what is wrong.
 */
export function checkFiles(files: readonly SourceFile[], origin: Origin, judge: JudgeApplication): Checked {
  const problems: Problem[] = [];
  const wanted: Wanted[] = [];
  const seen = new Map<string, string>();
  for (const { path, content } of files) {
    const parsed = parseManifests(content, { file: path });
    problems.push(...parsed.problems);
    for (const document of parsed.documents) {
      const result = checkDocument(document, origin, judge);
      if (result.kind === 'refused') problems.push(...result.problems);
      else if (seen.has(result.wanted.id)) {
        const first = seen.get(result.wanted.id);
        const { name } = result.wanted.object.metadata;
        problems.push(problemAt(document, ['metadata', 'name'], `${document.kind} ${name} is also in ${first}`));
      } else {
        seen.set(result.wanted.id, path);
        wanted.push(result.wanted);
      }
    }
  }
  if (problems.length > 0) return { kind: 'refused', problems: problems.map(formatProblem) };
  const order = (entry: Wanted): number => allowedKinds.findIndex(({ kind }) => kind === entry.kind);
  return { kind: 'good', wanted: wanted.toSorted((a, b) => order(a) - order(b) || (a.id < b.id ? -1 : 1)) };
}

type DocumentResult = { kind: 'good'; wanted: Wanted } | { kind: 'refused'; problems: readonly Problem[] };

function checkDocument(document: ManifestDocument, origin: Origin, judge: JudgeApplication): DocumentResult {
  const allowed = allowedFor(document.apiVersion, document.kind);
  if (allowed === undefined) {
    const names = allowedKinds.map(({ kind }) => kind.kind).join(', ');
    const message = `${document.apiVersion} ${document.kind} may not come from git; allowed are ${names}`;
    return { kind: 'refused', problems: [problemAt(document, ['kind'], message)] };
  }
  const valid = validateWith(document, allowed.schema);
  if (valid.kind === 'invalid') return { kind: 'refused', problems: valid.problems };
  const { status: _, ...object } = document.value as unknown as KubeObject;
  const { metadata } = object;
  if (metadata.namespace !== undefined && metadata.namespace !== origin.namespace) {
    const message = `objects of GitSource ${origin.source} stay in its namespace ${origin.namespace}`;
    return { kind: 'refused', problems: [problemAt(document, ['metadata', 'namespace'], message)] };
  }
  const judged = allowed.kind === Application ? judge(document) : [];
  if (judged.length > 0) return { kind: 'refused', problems: judged };
  return {
    kind: 'good',
    wanted: {
      kind: allowed.kind,
      id: inventoryId(origin.namespace, metadata.name, allowed.kind),
      file: document.file,
      object: {
        ...object,
        metadata: {
          name: metadata.name,
          namespace: origin.namespace,
          labels: { ...metadata.labels, [labels.gitSource]: origin.source },
          annotations: { ...metadata.annotations, [annotations.gitOrigin]: `${origin.url} ${document.file}` },
        },
      },
    },
  };
}

const problemAt = (document: ManifestDocument, path: (string | number)[], message: string): Problem => ({
  file: document.file,
  ...document.positionOf(path),
  field: path.join('.'),
  message,
});
