import { fieldManagers, WasmCloudCluster, type ClusterObject } from '@kasmcloud/kube-api';
import {
  joinCluster,
  KubeconfigError,
  MembershipError,
  setClusterUse,
  type ClusterUse,
  type MembershipOptions,
} from '@kasmcloud/kube';
import type { z } from 'zod';
import { RefusedError } from '../access/refused-error.ts';
import type { Call } from './admission.ts';
import type { clusterBody, clusterUsed } from './shapes.ts';

type Used = z.infer<typeof clusterUsed>;

const uses = { cordon: 'Cordoned', uncordon: 'InUse', drain: 'Draining' } as const satisfies Record<string, ClusterUse>;

/** Joins members and takes them out of use, as whoever asks for it: the hub decides whether they may. */
export class ClusterWrites {
  async join(call: Call, name: string, body: z.infer<typeof clusterBody>): Promise<Used> {
    const { kubeconfig, region, zone, labels, secrets } = body;
    const about = {
      ...(region !== undefined && { region }),
      ...(zone !== undefined && { zone }),
      ...(labels !== undefined && { labels }),
      ...(secrets !== undefined && { secrets }),
    };
    try {
      return used(await joinCluster(call.caller.hub, { name, kubeconfig, ...about }, optionsOf(call)));
    } catch (error) {
      if (error instanceof KubeconfigError)
        throw new RefusedError('invalid', error.message, { details: [{ field: error.field, message: error.message }] });
      if (error instanceof MembershipError) throw new RefusedError('conflict', error.message);
      throw error;
    }
  }

  async use(call: Call, name: string, use: keyof typeof uses): Promise<Used> {
    return used(await setClusterUse(call.caller.hub, name, uses[use], optionsOf(call)));
  }

  /** It goes when nothing is placed there any more. */
  async leave({ caller, signal }: Call, name: string): Promise<Used> {
    const isThere = await caller.hub.delete(WasmCloudCluster, name, undefined, { signal });
    if (!isThere) throw new RefusedError('notFound', `there is no ${WasmCloudCluster.kind} ${name}`);
    return { name, unschedulable: true, leaving: true };
  }
}

const optionsOf = ({ signal }: Call): MembershipOptions => ({ fieldManager: fieldManagers.rest, signal });

const used = ({ metadata, spec }: ClusterObject): Used => ({
  name: metadata.name,
  unschedulable: spec.unschedulable === true,
  leaving: metadata.deletionTimestamp !== undefined,
});
