import { z } from 'zod';

const name = z.string().min(1).max(253);

/** Work that the leader hands to any scheduler replica; each payload names what to make true, never what happened. */
export const placementJob = z.strictObject({ kind: z.literal('placement'), cluster: name, namespace: name, name });
/** Make the links and config of one lattice true in one cluster. */
export const latticeJob = z.strictObject({ kind: z.literal('lattice'), cluster: name, namespace: name });

export const clusterJob = z.discriminatedUnion('kind', [placementJob, latticeJob]);
export type ClusterJob = z.infer<typeof clusterJob>;

/** BullMQ queue of one cluster's writes. BullMQ allows no `:` in queue names. */
export const clusterQueue = (cluster: string): string => `cluster-${cluster}`;

/** Two jobs of equal id are one piece of work. */
export function clusterJobId(job: ClusterJob): string {
  switch (job.kind) {
    case 'placement':
      return `placement/${job.namespace}/${job.name}`;
    case 'lattice':
      return `lattice/${job.namespace}`;
  }
}
