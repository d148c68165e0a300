import { z } from 'zod';
import { age, defineKind, ready } from '../definition.ts';
import { conditions } from '../schema/common.ts';

/** wadm's property bags have unions; they are stored as written and judged by `libs/oam`. */
const bag = z.looseObject({}).meta({ 'x-kubernetes-preserve-unknown-fields': true });

export const applicationSpec = z.strictObject({
  components: z
    .array(
      z.looseObject({
        name: z.string().min(1).max(253),
        type: z.string().min(1).max(63),
        properties: bag,
        traits: z
          .array(z.strictObject({ type: z.string().min(1).max(63), properties: bag.optional() }))
          .max(128)
          .optional(),
      }),
    )
    .max(256)
    .describe('What is deployed; an empty list is an application that is put but not deployed.'),
  policies: z
    .array(z.strictObject({ name: z.string().max(253), type: z.string().max(253), properties: bag.optional() }))
    .max(64)
    .optional(),
});

const statusInfo = z.strictObject({ type: z.string().max(63), message: z.string().max(4096).optional() });

export const applicationStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional(),
  status: statusInfo
    .describe('Status as wadm tells it: waiting, undeployed, reconciling, deployed, failed or unhealthy.')
    .optional(),
  deployedVersion: z.string().max(253).optional(),
  replicas: z.int().min(0).optional(),
  readyReplicas: z.int().min(0).optional(),
  scalers: z
    .array(
      z.strictObject({
        id: z.string().max(128),
        kind: z.string().max(63),
        name: z.string().max(512),
        status: statusInfo,
      }),
    )
    .max(1024)
    .optional(),
  conditions,
});

export const Application = defineKind({
  group: 'core.oam.dev',
  version: 'v1beta1',
  kind: 'Application',
  plural: 'applications',
  singular: 'application',
  shortNames: ['app'],
  namespaced: true,
  description: 'A wadm application manifest, as `wash app deploy` takes it.',
  spec: applicationSpec,
  status: applicationStatus,
  columns: [
    { name: 'Status', type: 'string', jsonPath: '.status.status.type' },
    { name: 'Version', type: 'string', jsonPath: '.status.deployedVersion' },
    { name: 'Available', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Desired', type: 'integer', jsonPath: '.status.replicas' },
    ready,
    age,
  ],
});
