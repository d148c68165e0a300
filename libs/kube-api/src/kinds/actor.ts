import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import {
  conditions,
  configNames,
  duration,
  epoch,
  epochNeverFalls,
  imageReference,
  immutable,
  latticeId,
  objectName,
  observedGeneration,
  quantity,
  secretAccounts,
} from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

export const actorLimits = z.strictObject({
  memory: quantity.describe('Most linear memory of one instance, e.g. `64Mi`.').optional(),
  executionTime: duration.describe('Most time that one call may take, e.g. `10s`.').optional(),
});

/** What to run, the same wherever it runs: shared by Actors and Distributions. */
export const actorTemplate = {
  id: latticeId,
  image: imageReference,
  config: configNames('ConfigMaps'),
  secrets: configNames('Secrets'),
  secretAccounts,
  limits: actorLimits.describe("What an instance may use; the host's own limits when absent.").optional(),
};

export const actorSpec = z
  .strictObject({
    hostName: objectName.describe('The WasmCloudHost that runs this actor.'),
    ...actorTemplate,
    instances: z.int().min(0).max(1_000_000).describe('The most instances that run at once.'),
    epoch: epoch.optional(),
  })
  .meta({ 'x-kubernetes-validations': [immutable('hostName'), immutable('id'), epochNeverFalls] });

export const actorStatus = z.strictObject({
  instances: z.int().min(0).describe('Instances that may run now.').optional(),
  image: z.string().max(1024).describe('Image that runs now.').optional(),
  imageDigest: z.string().max(128).describe('Digest of the image that runs now.').optional(),
  exports: z.array(z.string().max(253)).max(256).describe('Interfaces that the component exports.').optional(),
  observedGeneration,
  conditions,
});

export const WasmCloudActor = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'WasmCloudActor',
  plural: 'wasmcloudactors',
  singular: 'wasmcloudactor',
  shortNames: ['wca'],
  namespaced: true,
  description: 'One WebAssembly component on one host, with the most instances that may run at once.',
  spec: actorSpec,
  status: actorStatus,
  selectableFields: ['.spec.hostName'],
  columns: [
    { name: 'Host', type: 'string', jsonPath: '.spec.hostName' },
    { name: 'Instances', type: 'integer', jsonPath: '.spec.instances' },
    ready,
    reason,
    { name: 'Id', type: 'string', jsonPath: '.spec.id', priority: 1 },
    { name: 'Image', type: 'string', jsonPath: '.spec.image', priority: 1 },
    age,
  ],
});
