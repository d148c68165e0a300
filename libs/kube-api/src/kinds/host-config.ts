import { z } from 'zod';
import { age, defineKind } from '../definition.ts';
import { labelMap } from '../schema/common.ts';

const bag = z.looseObject({}).meta({ 'x-kubernetes-preserve-unknown-fields': true });
const port = z.int().min(1).max(65_535);
const text = z.string().max(1024);
const toggle = z.strictObject({ enable: z.boolean().optional(), endpoint: text.optional() });

/** The wasmCloud operator's host group, field for field (wadm-operator 0.5). */
export const hostConfigSpec = z.strictObject({
  hostReplicas: z.int().min(0).optional(),
  issuers: z.array(text).max(64).optional(),
  lattice: z.string().min(1).max(63),
  hostLabels: labelMap.optional(),
  version: z.string().min(1).max(128),
  image: text.optional(),
  natsLeafImage: text.optional(),
  secretName: text.optional(),
  enableStructuredLogging: z.boolean().optional(),
  registryCredentialsSecret: text.optional(),
  controlTopicPrefix: text.optional(),
  leafNodeDomain: text.optional(),
  configServiceEnabled: z.boolean().optional(),
  natsAddress: text.optional(),
  natsClientPort: port.optional(),
  natsLeafnodePort: port.optional(),
  jetstreamDomain: text.optional(),
  allowLatest: z.boolean().optional(),
  allowedInsecure: z.array(text).max(64).optional(),
  logLevel: text.optional(),
  policyService: z
    .strictObject({ topic: text.optional(), timeoutMs: z.int().min(0).optional(), changesTopic: text.optional() })
    .optional(),
  schedulingOptions: z
    .strictObject({
      daemonset: z.boolean().optional(),
      resources: z.strictObject({ nats: bag.optional(), wasmcloud: bag.optional() }).optional(),
      podTemplateAdditions: bag.optional(),
      containerTemplateAdditions: z.strictObject({ nats: bag.optional(), wasmcloud: bag.optional() }).optional(),
    })
    .optional(),
  observability: z
    .strictObject({
      enable: z.boolean().optional(),
      endpoint: text,
      protocol: z.enum(['grpc', 'http']).optional(),
      logs: toggle.optional(),
      metrics: toggle.optional(),
      traces: toggle.optional(),
    })
    .optional(),
  certificates: z.strictObject({ authorities: z.array(bag).max(64).optional() }).optional(),
  secretsTopicPrefix: text.optional(),
  maxLinearMemoryBytes: z.int().min(0).optional(),
});

/** Snake case on the wire, as the operator writes it. */
export const hostConfigStatus = z.strictObject({
  apps: z
    .array(z.strictObject({ name: text, version: text }))
    .max(1000)
    .optional(),
  app_count: z.int().min(0).optional(),
});

export const WasmCloudHostConfig = defineKind({
  group: 'k8s.wasmcloud.dev',
  version: 'v1alpha1',
  kind: 'WasmCloudHostConfig',
  plural: 'wasmcloudhostconfigs',
  singular: 'wasmcloudhostconfig',
  shortNames: ['whc'],
  namespaced: true,
  description:
    "A group of wasmCloud hosts, as the wasmCloud operator's manifests declare it. Stored; not yet acted on.",
  spec: hostConfigSpec,
  status: hostConfigStatus,
  columns: [{ name: 'App Count', type: 'integer', jsonPath: '.status.app_count' }, age],
});
