import {
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudPlacement,
  builtin,
  labels,
  type DistributionObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { ApiServer } from './servers.ts';

/** Shapes of the Distributions that are declared. */
export const shapes = {
  /** Nothing but a number: every replica comes onto a host of its own, one Actor each. */
  plain: {},
  /** Over all clusters, in each on at most four hosts: an Actor holds several replicas. */
  grouped: {
    spread: [
      { topologyKey: labels.cluster, maxSkew: 1 },
      { topologyKey: labels.hostname, maxDomains: 4 },
    ],
  },
} as const satisfies Record<string, Partial<DistributionObject['spec']>>;

export type Shape = keyof typeof shapes;

/** What the scheduler wrote and has not taken away: by object, its content without its epoch. */
export type Written = ReadonlyMap<string, string>;

const hubKinds = [WasmCloudPlacement, WasmCloudDistribution, builtin.ControllerRevision] as const;
const memberKinds = [WasmCloudActor, builtin.Namespace] as const;
/** Of the writes of an API server, those by which the scheduler makes such objects what they are; status is apart. */
const plurals: ReadonlySet<string> = new Set([...hubKinds, ...memberKinds].map(({ plural }) => plural));

export async function written(servers: readonly ApiServer[], hub: ApiServer): Promise<Written> {
  const found = new Map<string, string>();
  for (const { client, name } of servers)
    for (const kind of name === hub.name ? hubKinds : memberKinds)
      for await (const { items } of client.pages(kind, { limit: 1_000 }))
        for (const object of items)
          found.set(`${name}/${kind.plural}/${object.metadata.namespace}/${object.metadata.name}`, contentOf(object));
  return found;
}

/** A Distribution's own spec is what people say; ours is only that it cannot vanish. */
const contentOf = ({ kind, spec, metadata }: KubeObject): string =>
  kind === WasmCloudDistribution.kind
    ? JSON.stringify(metadata.finalizers ?? [])
    : JSON.stringify([{ ...(typeof spec === 'object' ? spec : {}), epoch: undefined }, metadata.labels ?? {}]);

/** The least writes that lead from one state to the other: one for each object that came, went or is other. */
export function writesNeeded(before: Written, after: Written): number {
  const changed = [...after].filter(([key, content]) => before.get(key) !== content).length;
  return changed + [...before.keys()].filter((key) => !after.has(key)).length;
}

/** How often such objects were written, over all API servers. */
export async function writesMade(servers: readonly ApiServer[]): Promise<number> {
  return sumOf(servers, (resource) => plurals.has(resource));
}

/** Written all the time by who lives: Leases, the last contact of clusters, and where a kube-apiserver itself is found. */
const signsOfLife: ReadonlySet<string> = new Set(['leases', 'wasmcloudclusters/status', 'endpoints', 'endpointslices']);

/** Writes of any kind but those that only say that somebody lives, by `server resource`. */
export async function writesByResource(servers: readonly ApiServer[]): Promise<ReadonlyMap<string, number>> {
  const counts = await Promise.all(servers.map(async (server) => ({ server, writes: await server.writes() })));
  return new Map(
    counts.flatMap(({ server, writes }) =>
      [...writes]
        .filter(([resource]) => !signsOfLife.has(resource))
        .map(([resource, count]): [string, number] => [`${server.name} ${resource}`, count]),
    ),
  );
}

/** The sum of them. */
export async function allWrites(servers: readonly ApiServer[]): Promise<number> {
  return [...(await writesByResource(servers)).values()].reduce((sum, count) => sum + count, 0);
}

/** Writes by which the scheduler tells what became of Distributions and decisions. */
export async function statusWrites(servers: readonly ApiServer[]): Promise<number> {
  return sumOf(servers, (one) => one === 'wasmcloudplacements/status' || one === 'wasmclouddistributions/status');
}

async function sumOf(servers: readonly ApiServer[], isCounted: (resource: string) => boolean): Promise<number> {
  let sum = 0;
  for (const server of servers)
    for (const [resource, count] of await server.writes()) if (isCounted(resource)) sum += count;
  return sum;
}
