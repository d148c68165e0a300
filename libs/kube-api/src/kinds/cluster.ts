import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import { conditions, labelMap, objectName, observedGeneration, taints, time } from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

export const clusterSpec = z
  .strictObject({
    kubeconfigSecret: z
      .strictObject({
        name: objectName.describe('Name of the Secret.'),
        namespace: objectName.describe('`kasmcloud-system` when absent.').optional(),
        key: z.string().min(1).max(253).describe('`kubeconfig` when absent.').optional(),
      })
      .describe('Secret of the hub with a kubeconfig for the member; what is in it may change at any time.')
      .optional(),
    inCluster: z.boolean().describe('The hub itself is this member.').optional(),
    region: z
      .string()
      .min(1)
      .max(63)
      .describe('Label `topology.kubernetes.io/region` of every host of this cluster.')
      .optional(),
    zone: z
      .string()
      .min(1)
      .max(63)
      .describe('Label `topology.kubernetes.io/zone` of every host of this cluster.')
      .optional(),
    labels: labelMap.describe('Labels that every host of this cluster gets for placement.').optional(),
    taints: taints.describe('What keeps replicas that do not tolerate it off all hosts of this cluster.').optional(),
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
  hosts: z.int().min(0).describe('WasmCloudHosts of the member.').optional(),
  readyHosts: z.int().min(0).describe('Those of them that are Ready.').optional(),
  lastContactTime: time
    .describe('When its API server last answered; while it does, written every 30 s at the most.')
    .optional(),
  observedGeneration,
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
    { name: 'Cordoned', type: 'boolean', jsonPath: '.spec.unschedulable' },
    { name: 'Hosts', type: 'integer', jsonPath: '.status.readyHosts' },
    { name: 'Version', type: 'string', jsonPath: '.status.version' },
    age,
  ],
});
