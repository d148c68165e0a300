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
} from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

export const providerTemplate = {
  id: latticeId,
  image: imageReference.describe('Reference of the provider; well-known references are built into the host.'),
  config: configNames('ConfigMaps'),
  secrets: configNames('Secrets'),
};

export const providerSpec = z
  .strictObject({
    hostName: objectName.describe('The WasmCloudHost that runs this provider.'),
    ...providerTemplate,
    epoch: epoch.optional(),
  })
  .meta({ 'x-kubernetes-validations': [immutable('hostName'), immutable('id'), epochNeverFalls] });

export const endpoint = z.strictObject({
  address: z.string().max(253).describe('IP address that clients reach.'),
  port: z.int().min(1).max(65_535),
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP']),
  requested: z.string().max(253).describe('Address as the link asked for it, e.g. `0.0.0.0:8080`.').optional(),
});

export const providerStatus = z.strictObject({
  endpoints: z.array(endpoint).max(64).optional(),
  builtin: z.string().max(63).describe('Name of the built-in that serves this reference.').optional(),
  imageDigest: z.string().max(128).describe('Digest of the archive or program that runs.').optional(),
  restarts: z.int().min(0).describe('How often its process has ended by itself.').optional(),
  observedGeneration: z.int().min(0).optional(),
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
  description: 'One capability provider on one host.',
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
