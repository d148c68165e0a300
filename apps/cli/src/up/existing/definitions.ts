import { builtin, kinds, memberKinds, toCrd, type KindDefinition } from '@kasmcloud/kube-api';
import { seedDefinitions, type Mark } from '../seed.ts';
import { ClusterRefusedError, type ExistingCluster } from './existing-cluster.ts';
import { isMarked } from './mark.ts';

const wantedIn = ({ isHub }: ExistingCluster): readonly KindDefinition[] => (isHub ? kinds : memberKinds);

/**
 * The definitions that a cluster lacks, or has from us. One that somebody else made is used as it is when it says all
 * that ours says; throws ClusterRefusedError when it does not.
 */
export async function missingDefinitions(
  cluster: ExistingCluster,
  mark: Mark,
  signal: AbortSignal,
): Promise<readonly KindDefinition[]> {
  const looked = await Promise.all(
    wantedIn(cluster).map(async (kind) => {
      const name = `${kind.plural}.${kind.group}`;
      const standing = await cluster.client.find(builtin.CustomResourceDefinition, name, undefined, {
        signal,
      });
      if (standing === undefined || isMarked(standing, mark)) return [kind];
      const difference = firstDifference(standing.spec, toCrd(kind)['spec'], 'spec');
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

export async function installDefinitions(
  { client }: ExistingCluster,
  missing: readonly KindDefinition[],
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  await seedDefinitions(client, signal, missing, mark);
}

/** Path of the first field that `wanted` has and `standing` lacks or has otherwise; what only `standing` has is its own. */
export function firstDifference(standing: unknown, wanted: unknown, path: string): string | undefined {
  if (isEmpty(wanted) && isEmpty(standing)) return undefined;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(standing) || standing.length !== wanted.length) return path;
    return first(wanted.map((item, index) => () => firstDifference(standing[index], item, `${path}[${index}]`)));
  }
  if (typeof wanted !== 'object' || wanted === null) return standing === wanted ? undefined : path;
  if (typeof standing !== 'object' || standing === null) return path;
  const fields = Object.entries(wanted);
  return first(
    fields.map(
      ([field, value]) =>
        () =>
          firstDifference(Reflect.get(standing, field), value, `${path}.${field}`),
    ),
  );
}

function first(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const found = look();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** API servers leave out what is empty. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === 0 ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0);
