import { z } from 'zod';
import { age, defineKind } from '../definition.ts';
import {
  conditions,
  epoch,
  epochNeverFalls,
  immutable,
  objectName,
  observedGeneration,
  time,
} from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

export const placementSpec = z
  .strictObject({
    distribution: objectName.describe('The WasmCloudDistribution of the same namespace that this is decided for.'),
    cluster: objectName.describe('The WasmCloudCluster whose hosts this names.'),
    epoch,
    revision: z.string().min(1).max(64).describe('Hash of what runs: the actor or provider part of the Distribution.'),
    intent: z
      .string()
      .min(1)
      .max(64)
      .describe('Hash of where the Distribution wanted its replicas when this was decided.')
      .optional(),
    hosts: z
      .array(
        z.strictObject({
          host: objectName.describe('Name of a WasmCloudHost of the cluster.'),
          replicas: z.int().min(0).max(1_000_000).describe('Replicas that are to run here.'),
          leaving: z
            .int()
            .min(0)
            .max(1_000_000)
            .describe('Replicas that run here besides, until those are Ready that take their place.')
            .optional(),
          lost: z
            .int()
            .min(1)
            .max(1_000_000)
            .describe('Replicas that ran here when this host was lost: they are left alone until it is back.')
            .optional(),
          revision: z
            .string()
            .min(1)
            .max(64)
            .describe('Revision that this host runs, where it is not the one of the Placement: a rollout is under way.')
            .optional(),
        }),
      )
      .max(500)
      .describe('Hosts that are to run something, or that something is left on.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['host'] }),
  })
  .meta({
    // A decision is whole: what anybody adds to it by hand is gone with the next one.
    'x-kubernetes-map-type': 'atomic',
    'x-kubernetes-validations': [immutable('distribution'), immutable('cluster'), epochNeverFalls],
  });

export const placementStatus = z.strictObject({
  appliedEpoch: z.int().min(0).describe('Epoch of the decision that the member holds now.').optional(),
  observedGeneration,
  readyReplicas: z.int().min(0).describe('Replicas that are Ready in the member.').optional(),
  failures: z
    .array(
      z.strictObject({
        host: z.string().max(253).describe('Empty for the whole cluster: the write itself was refused.'),
        revision: z.string().max(64).describe('Revision that failed; others may be tried there.'),
        reason: z.string().max(63).describe('Why, in one word.'),
        message: z.string().max(1024).describe('Why, in the words of the host or the API server.'),
        time: time.describe('When it failed last.'),
        count: z.int().min(1).describe('Failures in a row, each of which doubles the wait; 1 when absent.').optional(),
      }),
    )
    .max(64)
    .describe('Starts and writes that failed: the planner avoids that host or cluster for a while.')
    .optional(),
  conditions,
});

export const WasmCloudPlacement = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'WasmCloudPlacement',
  plural: 'wasmcloudplacements',
  singular: 'wasmcloudplacement',
  shortNames: ['wpl'],
  namespaced: true,
  description: "The planner's stored decision: how many replicas of one Distribution each host of one cluster runs.",
  spec: placementSpec,
  status: placementStatus,
  columns: [
    { name: 'Distribution', type: 'string', jsonPath: '.spec.distribution' },
    { name: 'Cluster', type: 'string', jsonPath: '.spec.cluster' },
    { name: 'Epoch', type: 'integer', jsonPath: '.spec.epoch' },
    { name: 'Applied', type: 'integer', jsonPath: '.status.appliedEpoch' },
    { name: 'Available', type: 'integer', jsonPath: '.status.readyReplicas' },
    age,
  ],
});
