import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import { conditions, labelMap, objectName, taint } from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

export const clusterSpec = z
  .strictObject({
    kubeconfigSecret: z
      .strictObject({
        name: objectName,
        namespace: objectName.describe('`kasmcloud-system` when absent.').optional(),
        key: z.string().min(1).max(253).describe('`kubeconfig` when absent.').optional(),
      })
      .optional(),
    inCluster: z.boolean().describe('The hub itself is this member.').optional(),
    region: z.string().min(1).max(63).optional(),
    zone: z.string().min(1).max(63).optional(),
    labels: labelMap.describe('Labels that every host of this cluster gets for placement.').optional(),
    taints: z.array(taint).max(32).optional(),
    unschedulable: z.boolean().describe('Cordoned: nothing new is placed in this cluster.').optional(),
    secrets: z
      .enum(['Carry', 'Local'])
      .describe('Whether Secrets are copied from the hub or must exist in the member; `Local` when absent.')
      .optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'has(self.kubeconfigSecret) != (has(self.inCluster) && self.inCluster)',
        message: 'exactly one of kubeconfigSecret and inCluster must be set',
      },
    ],
  });

export const clusterStatus = z.strictObject({
  version: z.string().max(128).describe("Version of the member's API server.").optional(),
  identity: z
    .string()
    .max(64)
    .describe('UID of its namespace kube-system: what tells it from other clusters.')
    .optional(),
  hosts: z.int().min(0).optional(),
  readyHosts: z.int().min(0).optional(),
  lastContactTime: z.string().max(64).meta({ format: 'date-time' }).optional(),
  observedGeneration: z.int().min(0).optional(),
  conditions,
});

export const WasmCloudCluster = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'WasmCloudCluster',
  plural: 'wasmcloudclusters',
  singular: 'wasmcloudcluster',
  shortNames: ['wcc'],
  namespaced: false,
  description: 'A member of the supercluster: a Kubernetes API server whose hosts take part in placement.',
  spec: clusterSpec,
  status: clusterStatus,
  columns: [
    { name: 'Region', type: 'string', jsonPath: '.spec.region' },
    { name: 'Zone', type: 'string', jsonPath: '.spec.zone' },
    { name: 'Reachable', type: 'string', jsonPath: '.status.conditions[?(@.type=="Reachable")].status' },
    ready,
    reason,
    { name: 'Hosts', type: 'integer', jsonPath: '.status.readyHosts' },
    { name: 'Version', type: 'string', jsonPath: '.status.version' },
    age,
  ],
});
