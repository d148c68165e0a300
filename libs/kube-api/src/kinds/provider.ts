import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import {
  conditions,
  configNames,
  epoch,
  epochNeverFalls,
  imageReference,
  immutable,
  latticeId,
  objectName,
  observedGeneration,
  resourceList,
  secretAccounts,
} from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

export const providerTemplate = {
  id: latticeId,
  image: imageReference.describe('Reference of the provider; well-known references are built into the host.'),
  config: configNames('ConfigMaps'),
  secrets: configNames('Secrets'),
  secretAccounts,
};

/** Most pods of one provider in one cluster. */
export const MOST_PODS = 1_000;

/** A provider in pods of its own: what is told about them. Everything else of the pod template is KasmCloud's. */
export const providerContainer = z.strictObject({
  replicas: z.int().min(0).max(MOST_PODS).describe('How many pods; 1 when absent.').optional(),
  command: z.array(z.string().max(4_096)).max(64).describe('In place of the entrypoint of the image.').optional(),
  args: z.array(z.string().max(4_096)).max(64).describe('In place of the arguments of the image.').optional(),
  env: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(253).describe('Name of the variable.'),
        value: z.string().max(32_768).describe('Its value; `$(NAME)` is expanded as in any pod.'),
      }),
    )
    .max(64)
    .describe('Environment variables.')
    .optional(),
  resources: z
    .strictObject({
      requests: resourceList.describe('What each pod is given at least.').optional(),
      limits: resourceList.describe('What each pod may use at most.').optional(),
    })
    .describe('As of a container in a pod.')
    .optional(),
  imagePullSecrets: configNames('image pull Secrets'),
});

export const providerSpec = z
  .strictObject({
    hostName: objectName.describe('The WasmCloudHost that runs this provider.').optional(),
    container: providerContainer.describe('Runs this provider as a Deployment, in place of a host.').optional(),
    ...providerTemplate,
    epoch: epoch.optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'has(self.hostName) != has(self.container)',
        message: 'exactly one of hostName and container says where the provider runs',
      },
      {
        rule: 'has(self.hostName) == has(oldSelf.hostName) && (!has(self.hostName) || self.hostName == oldSelf.hostName)',
        message: 'hostName is immutable: delete the object and create another',
      },
      immutable('id'),
      epochNeverFalls,
    ],
  });

export const endpoint = z.strictObject({
  address: z.string().max(253).describe('IP address that clients reach.'),
  port: z.int().min(1).max(65_535).describe('Port that clients reach.'),
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP']).describe('What is spoken there.'),
  requested: z.string().max(253).describe('Address as the link asked for it, e.g. `0.0.0.0:8080`.').optional(),
});

export const providerStatus = z.strictObject({
  endpoints: z.array(endpoint).max(64).describe('Where it listens for clients.').optional(),
  builtin: z.string().max(63).describe('Name of the built-in that serves this reference.').optional(),
  imageDigest: z.string().max(128).describe('Digest of the archive or program that runs.').optional(),
  restarts: z.int().min(0).describe('How often its process has ended by itself.').optional(),
  readyReplicas: z
    .int()
    .min(0)
    .describe('Of a provider in a container: pods that are available as they were last written.')
    .optional(),
  observedGeneration,
  conditions,
});

export const WasmCloudProvider = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'WasmCloudProvider',
  plural: 'wasmcloudproviders',
  singular: 'wasmcloudprovider',
  shortNames: ['wcp'],
  namespaced: true,
  description: 'One capability provider, on one host or in pods of its own.',
  spec: providerSpec,
  status: providerStatus,
  selectableFields: ['.spec.hostName'],
  columns: [
    { name: 'Host', type: 'string', jsonPath: '.spec.hostName' },
    { name: 'Address', type: 'string', jsonPath: '.status.endpoints[0].address' },
    { name: 'Port', type: 'integer', jsonPath: '.status.endpoints[0].port' },
    ready,
    reason,
    { name: 'Id', type: 'string', jsonPath: '.spec.id', priority: 1 },
    { name: 'Image', type: 'string', jsonPath: '.spec.image', priority: 1 },
    age,
  ],
});

export type Endpoint = z.infer<typeof endpoint>;
