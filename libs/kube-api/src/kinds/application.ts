import { z } from 'zod';
import { age, defineKind, ready } from '../definition.ts';
import { conditions, observedGeneration } from '../schema/common.ts';

/** wadm's property bags have unions; they are stored as written and judged by `libs/oam`. */
const bag = z.looseObject({}).meta({ 'x-kubernetes-preserve-unknown-fields': true });

export const applicationSpec = z.strictObject({
  components: z
    .array(
      z.looseObject({
        name: z.string().min(1).max(253).describe('Name that other components and links of this manifest use.'),
        type: z.string().min(1).max(63).describe('`component` or `capability` (a provider).'),
        properties: bag.describe(
          '`image`, or `application` for one that another Application deploys; and `id`, `config`, `secrets`.',
        ),
        traits: z
          .array(
            z.strictObject({
              type: z.string().min(1).max(63).describe('`spreadscaler`, `daemonscaler`, `link` or `distribution`.'),
              properties: bag.describe('What a trait of this type takes.').optional(),
            }),
          )
          .max(128)
          .describe('How many run where, and what they are linked to.')
          .optional(),
      }),
    )
    .max(256)
    .describe('What is deployed; an empty list is an application that is put but not deployed.'),
  policies: z
    .array(
      z.strictObject({
        name: z.string().max(253).describe('Name by which secrets of this manifest refer to it.'),
        type: z
          .string()
          .max(253)
          .describe('`policy.secret.wasmcloud.dev/v1alpha1` for one that says where secrets are.'),
        properties: bag.describe('What a policy of this type takes.').optional(),
      }),
    )
    .max(64)
    .describe('Where the secrets that components name are kept.')
    .optional(),
});

const statusInfo = z.strictObject({
  type: z.string().max(63).describe('Status in one word.'),
  message: z.string().max(4096).describe('Why, where there is something to say.').optional(),
});

export const applicationStatus = z.strictObject({
  observedGeneration,
  status: statusInfo
    .describe('Status as wadm tells it: waiting, undeployed, reconciling, deployed, failed or unhealthy.')
    .optional(),
  deployedVersion: z.string().max(253).describe('Version of the manifest that is deployed.').optional(),
  replicas: z.int().min(0).describe('Replicas asked for, of all components together.').optional(),
  readyReplicas: z.int().min(0).describe('Replicas that are Ready, of all components together.').optional(),
  scalers: z
    .array(
      z.strictObject({
        id: z.string().max(128).describe('Id of the scaler, the same for the same trait.'),
        kind: z.string().max(63).describe('`SpreadScaler`, `DaemonScaler` or `LinkScaler`.'),
        name: z.string().max(512).describe('What it scales or links.'),
        status: statusInfo.describe('How far it has come.'),
      }),
    )
    .max(1024)
    .describe('The scalers that wadm would have made of the manifest, each with its status.')
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
