import { z } from 'zod';
import { age, defineKind } from '../definition.ts';
import { labelMap } from '../schema/common.ts';

const bag = z.looseObject({}).meta({ 'x-kubernetes-preserve-unknown-fields': true });
const port = z.int().min(1).max(65_535);
const text = z.string().max(1024);
const signal = (what: string) =>
  z
    .strictObject({
      enable: z.boolean().describe(`Whether hosts send ${what}.`).optional(),
      endpoint: text.describe(`Where ${what} go, in place of observability.endpoint.`).optional(),
    })
    .describe(`${what}, by themselves.`)
    .optional();

/** The wasmCloud operator's host group, field for field (wadm-operator 0.5). */
export const hostConfigSpec = z.strictObject({
  hostReplicas: z.int().min(0).describe('How many hosts; 1 when absent.').optional(),
  issuers: z.array(text).max(64).describe('Deprecated, and not used.').optional(),
  lattice: z.string().min(1).max(63).describe('Lattice that the hosts join.'),
  hostLabels: labelMap.describe('Labels that the hosts report.').optional(),
  version: z.string().min(1).max(128).describe('Version of wasmCloud, which is the tag of the default image.'),
  image: text.describe('Image of the host, in place of the default one.').optional(),
  natsLeafImage: text.describe('Image of the NATS leaf node beside each host.').optional(),
  secretName: text.describe('Secret with the NATS credentials of the leaf node.').optional(),
  enableStructuredLogging: z.boolean().describe('Whether hosts log in JSON.').optional(),
  registryCredentialsSecret: text.describe('Secret with credentials for registries.').optional(),
  controlTopicPrefix: text.describe('Prefix of the subjects of the control interface.').optional(),
  leafNodeDomain: text.describe('JetStream domain of the leaf node; `leaf` when absent.').optional(),
  configServiceEnabled: z.boolean().describe('Whether hosts ask a config service when they start.').optional(),
  natsAddress: text.describe('NATS server that the leaf node joins.').optional(),
  natsClientPort: port.describe('Port of that server for clients; 4222 when absent.').optional(),
  natsLeafnodePort: port.describe('Port of that server for leaf nodes; 7422 when absent.').optional(),
  jetstreamDomain: text.describe('JetStream domain of the lattice; `default` when absent.').optional(),
  allowLatest: z.boolean().describe('Whether images may have the tag `latest`.').optional(),
  allowedInsecure: z.array(text).max(64).describe('Registries that are asked in plain HTTP.').optional(),
  logLevel: text.describe('Least level that hosts log.').optional(),
  policyService: z
    .strictObject({
      topic: text.describe('Subject of its requests.').optional(),
      timeoutMs: z.int().min(0).describe('How long an answer may take, in milliseconds.').optional(),
      changesTopic: text.describe('Subject on which it tells changed decisions.').optional(),
    })
    .describe('Service that is asked whether something may run.')
    .optional(),
  schedulingOptions: z
    .strictObject({
      daemonset: z.boolean().describe('Whether hosts run on every node, as a DaemonSet.').optional(),
      resources: z
        .strictObject({
          nats: bag.describe('Of the container of the leaf node.').optional(),
          wasmcloud: bag.describe('Of the container of the host.').optional(),
        })
        .describe('Requests and limits of the containers.')
        .optional(),
      podTemplateAdditions: bag.describe('Laid over the pod spec.').optional(),
      containerTemplateAdditions: z
        .strictObject({
          nats: bag.describe('Over that of the leaf node.').optional(),
          wasmcloud: bag.describe('Over that of the host.').optional(),
        })
        .describe('Laid over the containers.')
        .optional(),
    })
    .describe('How the pods of the hosts are made.')
    .optional(),
  observability: z
    .strictObject({
      enable: z.boolean().describe('Whether hosts send logs, metrics and traces.').optional(),
      endpoint: text.describe('OTLP endpoint that they are sent to.'),
      protocol: z.enum(['grpc', 'http']).describe('How OTLP is spoken.').optional(),
      logs: signal('logs'),
      metrics: signal('metrics'),
      traces: signal('traces'),
    })
    .describe('Export of logs, metrics and traces.')
    .optional(),
  certificates: z
    .strictObject({
      authorities: z
        .array(bag)
        .max(64)
        .describe('Volumes, from Secrets or ConfigMaps, with their certificates.')
        .optional(),
    })
    .describe('Certificate authorities that hosts trust besides those of their image.')
    .optional(),
  secretsTopicPrefix: text.describe('Prefix of the subjects on which secrets are asked for.').optional(),
  maxLinearMemoryBytes: z.int().min(0).describe('Most linear memory of one instance, in bytes.').optional(),
});

/** Snake case on the wire, as the operator writes it. */
export const hostConfigStatus = z.strictObject({
  apps: z
    .array(z.strictObject({ name: text.describe('Name of the application.'), version: text.describe('Its version.') }))
    .max(1000)
    .describe('Applications of the lattice.')
    .optional(),
  app_count: z.int().min(0).describe('How many they are.').optional(),
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
