import { fieldManagers, GitSource, labels, type GitSourceObject } from '@kasmcloud/kube-api';
import { ConflictError, KubeError, type KubeClient } from '@kasmcloud/kube';
import { readInventoryId } from './allowed.ts';
import type { Wanted } from './check.ts';

/** The API server, or another owner, refuses objects of a commit. Each problem names file and object. */
export class ApplyRefusedError extends Error {
  override readonly name = 'ApplyRefusedError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface Applied {
  readonly applied: number;
  readonly pruned: number;
  readonly inventory: readonly { id: string; v: string }[];
}

/**
 * Applies a checked commit: everything is tried as a dry run before the first write; the inventory is written before
 * as old ∪ new and after as new, so that a crash between any two lines forgets nothing.
 *
 * @throws {ApplyRefusedError} when nothing was written
 */
export async function applyCommit(
  hub: KubeClient,
  source: GitSourceObject,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<Applied> {
  const owned = await ownership(hub, source, wanted, signal);
  await tryAll(hub, wanted, owned, signal);

  const before = source.status?.inventory ?? [];
  const next = wanted.map(({ id, kind }) => ({ id, v: kind.version }));
  const gone = before.filter(({ id }) => !next.some((entry) => entry.id === id));
  if (next.some(({ id }) => !before.some((entry) => entry.id === id))) {
    await hub.patchStatus(GitSource, named(source), { inventory: [...next, ...gone] }, { signal });
  }
  for (const entry of wanted) await applyOne(hub, entry, owned.has(entry.id), signal);
  const prune = source.spec.prune !== false;
  const pruned = prune ? await pruneAll(hub, source, gone, signal) : 0;
  return { applied: wanted.length, pruned, inventory: prune ? next : [...next, ...gone] };
}

const named = ({ metadata }: GitSourceObject): { metadata: { name: string; namespace: string } } => ({
  metadata: { name: metadata.name, namespace: metadata.namespace ?? '' },
});

/** Ids of the objects that are this source's already. One that another source owns refuses the commit. */
async function ownership(
  hub: KubeClient,
  { metadata }: GitSourceObject,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const owned = new Set<string>();
  const problems: string[] = [];
  for (const { kind, object, id, file } of wanted) {
    const standing = await hub.find(kind, object.metadata.name, object.metadata.namespace, { signal });
    const owner = standing?.metadata.labels?.[labels.gitSource];
    if (owner === metadata.name) owned.add(id);
    else if (owner !== undefined) {
      problems.push(
        `${file}: ${kind.kind} ${object.metadata.name} is owned by GitSource ${owner}; remove it from one of the two`,
      );
    }
  }
  if (problems.length > 0) throw new ApplyRefusedError(problems);
  return owned;
}

async function tryAll(
  hub: KubeClient,
  wanted: readonly Wanted[],
  owned: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const problems: string[] = [];
  for (const entry of wanted) {
    try {
      await applyOne(hub, entry, owned.has(entry.id), signal, true);
    } catch (error) {
      if (!(error instanceof KubeError) || error.status >= 500) throw error;
      problems.push(describe(entry, error));
    }
  }
  if (problems.length > 0) throw new ApplyRefusedError(problems);
}

/** What is ours is made as git says; what is not yet ours is taken over only where nobody else says otherwise. */
async function applyOne(
  hub: KubeClient,
  { kind, object }: Wanted,
  isOurs: boolean,
  signal: AbortSignal,
  dryRun = false,
): Promise<void> {
  const { apiVersion: _, kind: __, ...draft } = object;
  await hub.apply(kind, draft, { fieldManager: fieldManagers.gitSource, force: isOurs, dryRun, signal });
}

function describe({ file, kind, object }: Wanted, error: KubeError): string {
  const what = `${file}: ${kind.kind} ${object.metadata.name}`;
  if (error.causes.length === 0) return `${what}: ${error.message}`;
  const causes = error.causes.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  const advice = error instanceof ConflictError ? ' (another manager owns these fields)' : '';
  return `${what}: ${causes.join('; ')}${advice}`;
}

/** Deletes what an earlier commit brought and this one lacks, if it is still this source's. */
async function pruneAll(
  hub: KubeClient,
  { metadata }: GitSourceObject,
  gone: readonly { id: string }[],
  signal: AbortSignal,
): Promise<number> {
  let pruned = 0;
  for (const { id } of gone) {
    const entry = readInventoryId(id);
    if (entry === undefined) continue;
    const standing = await hub.find(entry.kind, entry.name, entry.namespace, { signal });
    if (standing?.metadata.labels?.[labels.gitSource] !== metadata.name) continue;
    const { uid } = standing.metadata;
    if (await hub.delete(entry.kind, entry.name, entry.namespace, { uid, signal })) pruned += 1;
  }
  return pruned;
}
