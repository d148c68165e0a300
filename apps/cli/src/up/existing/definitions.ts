import { builtin, fieldManagers, kinds, memberKinds, type KindDefinition, type KubeObject } from '@kasmcloud/kube-api';
import { InvalidError, type KubeClient } from '@kasmcloud/kube';
import { definitionOf, seedDefinitions, type Mark } from '../seed.ts';
import { ClusterRefusedError, type ExistingCluster } from './existing-cluster.ts';
import { isMarked } from './mark.ts';

const wantedIn = ({ isHub }: ExistingCluster): readonly KindDefinition[] => (isHub ? kinds : memberKinds);

/**
 * The definitions that a cluster lacks, or has from us. One that somebody else made is used as it is when ours would
 * change nothing in it; throws ClusterRefusedError when it would.
 */
export async function missingDefinitions(
  cluster: ExistingCluster,
  mark: Mark,
  signal: AbortSignal,
): Promise<readonly KindDefinition[]> {
  const looked = await Promise.all(
    wantedIn(cluster).map(async (kind) => {
      const name = `${kind.plural}.${kind.group}`;
      const standing = await cluster.client.find(builtin.CustomResourceDefinition, name, undefined, { signal });
      if (standing === undefined || isMarked(standing, mark)) return [kind];
      const difference = await differenceOf(cluster.client, standing, kind, signal);
      if (difference === undefined) return [];
      throw new ClusterRefusedError(
        cluster,
        `has a CustomResourceDefinition ${name} that is not this version of KasmCloud's: it differs in ${difference}. ` +
          `It is left as it is; use a cluster without it, or one in which KasmCloud's own is installed (deploy/crds)`,
      );
    }),
  );
  return looked.flat();
}

/** What would be another if our definition were applied: the server is asked, as it knows what it would fill in. */
async function differenceOf(
  client: KubeClient,
  standing: KubeObject,
  kind: KindDefinition,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const options = { fieldManager: fieldManagers.cli, force: true, dryRun: true, signal };
    const after = await client.apply(builtin.CustomResourceDefinition, definitionOf(kind, {}), options);
    return firstDifference(standing.spec, after.spec, 'spec');
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    return error.causes[0]?.field ?? 'spec';
  }
}

export async function installDefinitions(
  { client }: ExistingCluster,
  missing: readonly KindDefinition[],
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  await seedDefinitions(client, signal, missing, mark);
}

/** Path of the first field in which two values differ. */
function firstDifference(one: unknown, other: unknown, path: string): string | undefined {
  if (!isObject(one) || !isObject(other)) return one === other ? undefined : path;
  for (const field of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const step = Array.isArray(one) ? `[${field}]` : `.${field}`;
    const found = firstDifference(Reflect.get(one, field), Reflect.get(other, field), `${path}${step}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
