// Shapes of the REST API: what may be asked, and what is answered. The OpenAPI document is made of them.
import {
  Application,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
} from '@kasmcloud/kube-api';
import { z } from 'zod';
import { APPLICATION_NAME } from '../applications/manifest.ts';

/** Names in paths and queries: what cannot be a name is refused before anybody is asked for it. */
const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a Kubernetes object');
export const namespaceName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace');
const versionText = z.string().min(1).max(253);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const namedPath = z.object({ name: objectName });
export const namespacePath = z.object({ namespace: namespaceName });
export const namespacedPath = z.object({ namespace: namespaceName, name: objectName });
export const applicationPath = z.object({
  namespace: namespaceName,
  name: z.string().regex(APPLICATION_NAME, 'must be the name of an Application'),
});

export const hostsQuery = z.strictObject({ cluster: objectName.optional() });
export const applicationsQuery = z.strictObject({ namespace: namespaceName.optional() });
export const applicationQuery = z.strictObject({ version: versionText.optional() });
export const putQuery = z.strictObject({ deploy: flag.optional(), force: flag.optional() });
export const deleteQuery = z.strictObject({ version: versionText.optional(), force: flag.optional() });
export const forceQuery = z.strictObject({ force: flag.optional() });
export const planQuery = z.strictObject({ namespace: namespaceName.default('default') });
export const deployBody = z.strictObject({ version: versionText.nullish() }).nullish();

/** Every refusal looks so. */
export const errorReply = z.object({
  statusCode: z.int(),
  error: z.string(),
  message: z.string(),
  details: z
    .array(z.object({ field: z.string(), message: z.string(), line: z.int().optional(), column: z.int().optional() }))
    .describe('What is wrong, field by field.'),
});

const counts = z.record(z.string(), z.union([z.string(), z.number()]));
const texts = z.record(z.string(), z.string());
const { conditions } = WasmCloudCluster.status.shape;

export const clusterReply = z.object({
  name: z.string(),
  region: z.string().optional(),
  zone: z.string().optional(),
  labels: texts,
  unschedulable: z.boolean(),
  reach: z
    .enum(['Joining', 'Reachable', 'Unreachable', 'Lost'])
    .describe('How this scheduler sees its API server now.'),
  status: WasmCloudCluster.status,
});
export const clustersReply = z.object({ items: z.array(clusterReply) });

export const clusterBody = z
  .strictObject({
    kubeconfig: z
      .string()
      .min(1)
      .max(262_144)
      .describe('With its credentials in it; no programs, no files.')
      .optional(),
    inCluster: z.literal(true).describe('The hub itself is this member.').optional(),
    region: z.string().min(1).max(63).optional(),
    zone: z.string().min(1).max(63).optional(),
    labels: z.record(z.string().max(317), z.string().max(63)).optional(),
    secrets: z.enum(['Carry', 'Local']).optional(),
  })
  .refine(({ kubeconfig, inCluster }) => (kubeconfig === undefined) === (inCluster === true), {
    error: 'give kubeconfig, or inCluster for the hub',
    path: ['kubeconfig'],
  });
export const clusterPath = z.object({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a cluster'),
});
export const clusterUsePath = clusterPath.extend({ use: z.enum(['cordon', 'uncordon', 'drain']) });
export const clusterUsed = z.object({ name: z.string(), unschedulable: z.boolean(), leaving: z.boolean() });

const named = z.object({ count: z.int() }).loose();
export const explainReply = z
  .object({
    key: z.string(),
    mode: z.string(),
    desired: z.int(),
    placed: z.int(),
    here: z.array(z.object({ path: z.string(), replicas: z.int() }).loose()).describe('Every host that holds some.'),
    refused: z.array(z.unknown()).describe('Hosts that take nothing new, by what refuses them first.'),
    full: named.describe('Hosts that would take more if they had room.'),
    idle: named.describe('Hosts that have room and hold nothing.'),
    unplaced: z.array(z.unknown()).describe('Why some have no place; taking the blockers away was tried.'),
    remedies: z.array(z.unknown()).describe('Single changes that would help, each of them tried.'),
  })
  .loose();

const running = z.object({
  kind: z.enum(['actor', 'provider']),
  namespace: z.string(),
  name: z.string(),
  distribution: z.string().optional(),
  instances: z.int(),
  ready: z.boolean(),
});
export const hostReply = z.object({
  name: z.string(),
  cluster: z.string(),
  liveness: z.enum(['Ready', 'Suspect', 'Lost', 'Unknown']),
  unschedulable: z.boolean(),
  labels: texts.describe('As placement sees them: those of the cluster are among them.'),
  lattices: z.array(z.string()),
  interfaces: z.array(z.string()),
  allocatable: counts,
  status: WasmCloudHost.status.pick({
    hostId: true,
    runtime: true,
    version: true,
    friendlyName: true,
    startedAt: true,
  }),
  used: z.object({ actors: z.int(), providers: z.int(), instances: z.int() }),
  running: z.array(running).describe('What the caller may see of what runs here.'),
});
export const hostsReply = z.object({ items: z.array(hostReply) });

export const applicationSummary = z.object({
  namespace: z.string(),
  name: z.string(),
  description: z.string().optional(),
  deployedVersion: z.string().optional(),
  status: z.string(),
  message: z.string().optional(),
  replicas: z.int(),
  readyReplicas: z.int(),
});
export const applicationsReply = z.object({ items: z.array(applicationSummary) });

const versionEntry = z.object({ version: z.string(), deployed: z.boolean() });
export const versionsReply = z.object({ items: z.array(versionEntry).describe('The one put first stands first.') });
export const applicationReply = applicationSummary.extend({
  owner: z.string().optional().describe('Who else writes it, when this API may not.'),
  versions: z.array(versionEntry),
  version: z.string().optional().describe('Of the manifest that follows: asked for, else deployed, else latest.'),
  manifest: z.record(z.string(), z.unknown()).optional(),
  scalers: Application.status.shape.scalers,
  conditions,
});

const warning = z.object({ field: z.string(), message: z.string() });
export const putReply = z.object({
  result: z.enum(['created', 'newversion', 'unchanged']),
  version: z.string(),
  deployed: z.boolean(),
  versions: z.int().describe('How many there are now.'),
  warnings: z.array(warning),
});
export const deployReply = z.object({ version: z.string() });
export const undeployReply = z.object({ version: z.string().optional().describe('The one that ran until now.') });
export const deleteReply = z.object({
  undeployed: z.boolean().describe('Whether something ran that ends now.'),
  last: z.boolean().describe('Whether the Application is gone with its last version.'),
});

const placement = z.object({
  cluster: z.string(),
  epoch: WasmCloudPlacement.spec.shape.epoch,
  revision: z.string(),
  appliedEpoch: z.int().optional(),
  hosts: z.array(z.object({ host: z.string(), replicas: z.int() })),
  failures: WasmCloudPlacement.status.shape.failures,
});
export const distributionReply = z.object({
  namespace: z.string(),
  name: z.string(),
  application: z.string().optional(),
  spec: WasmCloudDistribution.spec,
  status: WasmCloudDistribution.status,
  placements: z.array(placement),
});
export const distributionsReply = z.object({ items: z.array(distributionReply) });

const change = z.object({ cluster: z.string(), host: z.string(), from: z.int(), to: z.int() });
const planned = z.object({
  namespace: z.string(),
  name: z.string(),
  application: z.string().optional(),
  exists: z.boolean(),
  desired: z.int(),
  placed: z.int(),
  clusters: z.array(
    z.object({ cluster: z.string(), hosts: z.array(z.object({ host: z.string(), replicas: z.int() })) }),
  ),
  changes: z.array(change).describe('In the order in which they can be carried out.'),
  moves: z.object({ count: z.int(), lowerBound: z.int(), deferred: z.int() }),
  unplaced: z.array(
    z.object({
      reason: z.string(),
      count: z.int(),
      blockers: z.array(z.string()),
      group: z.string().optional(),
      hosts: z.record(z.string(), z.int()),
    }),
  ),
  skew: z.array(z.object({ topologyKey: z.string(), value: z.number(), max: z.number().optional() })),
  unsupported: z.array(z.string()),
});
export const planReply = z.object({
  distributions: z.array(planned),
  removed: z
    .array(z.object({ namespace: z.string(), name: z.string(), changes: z.array(change) }))
    .describe('Distributions that the Applications of the manifest no longer have.'),
  others: z
    .object({ distributions: z.int(), replicas: z.int() })
    .describe('How many other Distributions would change, and by how many replicas.'),
  warnings: z.array(warning),
});

export const syncReply = z.object({ requestedAt: z.string() });

export type ClusterReply = z.infer<typeof clusterReply>;
export type HostReply = z.infer<typeof hostReply>;
export type RunningReply = z.infer<typeof running>;
export type ApplicationSummary = z.infer<typeof applicationSummary>;
export type ApplicationReply = z.infer<typeof applicationReply>;
export type PutReply = z.infer<typeof putReply>;
export type DeleteReply = z.infer<typeof deleteReply>;
export type DistributionReply = z.infer<typeof distributionReply>;
export type PlanReply = z.infer<typeof planReply>;
