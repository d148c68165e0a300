import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import {
  conditions,
  configNames,
  duration,
  imageReference,
  immutable,
  labelMap,
  labelSelector,
  objectName,
  resourceList,
  terms,
  toleration,
} from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';
import { actorLimits, actorTemplate } from './actor.ts';
import { providerContainer, providerTemplate } from './provider.ts';

const topologyKey = z
  .string()
  .min(1)
  .max(317)
  .describe('Host label whose values are the domains, e.g. `topology.kubernetes.io/region` or `kasmcloud.io/cluster`.');

const preferredTerm = z.strictObject({
  weight: z.int().min(-100).max(100),
  matchExpressions: terms.element.shape.matchExpressions,
});

const spreadEntry = z
  .strictObject({
    topologyKey,
    maxSkew: z.int().min(1).max(10_000).describe('Most difference between two domains; 1 when absent.').optional(),
    weights: z
      .array(z.strictObject({ value: z.string().max(63), weight: z.int().min(0).max(1_000_000) }))
      .min(1)
      .max(64)
      .describe('Shares by domain value; `*` stands for every value not listed. Not together with maxSkew.')
      .optional(),
    min: z.int().min(0).max(1_000_000).describe('Least per domain.').optional(),
    max: z.int().min(0).max(1_000_000).describe('Most per domain.').optional(),
    minDomains: z.int().min(1).max(10_000).optional(),
    maxDomains: z.int().min(1).max(10_000).optional(),
    whenUnsatisfiable: z.enum(['Block', 'Prefer']).describe('`Prefer` when absent.').optional(),
    whenDomainFull: z
      .enum(['Ignore', 'Block'])
      .describe('Whether a full domain holds the others back; `Ignore` when absent.')
      .optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: '!(has(self.maxSkew) && has(self.weights))', message: 'maxSkew and weights exclude each other' },
      { rule: '!(has(self.min) && has(self.max)) || self.min <= self.max', message: 'min is larger than max' },
      {
        rule: '!has(self.weights) || self.weights.exists(w, w.weight > 0)',
        message: 'at least one weight must be above 0',
      },
    ],
  });

const affinityTerm = {
  topologyKey,
  selector: labelSelector.describe('Labels of other Distributions.'),
  namespaces: z.array(objectName).max(64).optional(),
};
const affinity = z.strictObject({
  required: z.array(z.strictObject(affinityTerm)).max(16).optional(),
  preferred: z
    .array(z.strictObject({ weight: z.int().min(1).max(100), ...affinityTerm }))
    .max(16)
    .optional(),
});

const countOrPercent = z
  .union([z.int().min(0), z.string().max(8)])
  .meta({ 'x-kubernetes-int-or-string': true, pattern: '^[0-9]+%?$' });

/** `spec` of a WasmCloudDistribution; DESIGN §4 says what each field means and its default. */
export const distributionSpec = z
  .strictObject({
    actor: z
      .strictObject(actorTemplate)
      .meta({ 'x-kubernetes-validations': [immutable('id')] })
      .optional(),
    provider: z
      .strictObject({
        ...providerTemplate,
        container: providerContainer
          .omit({ replicas: true })
          .describe(
            'Runs this provider in pods in place of hosts: `replicas` are pods, which are placed over clusters.',
          )
          .optional(),
      })
      .meta({
        'x-kubernetes-validations': [
          immutable('id'),
          {
            rule: 'has(self.container) == has(oldSelf.container)',
            message: 'a provider on hosts may not move into a container, nor the reverse: create another Distribution',
          },
        ],
      })
      .optional(),
    replicas: z
      .int()
      .min(0)
      .max(1_000_000)
      .describe('Over all hosts of all clusters; with mode Daemon, on each eligible host. 1 when absent.')
      .optional(),
    mode: z.enum(['Spread', 'Pack', 'Daemon']).describe('`Spread` when absent.').optional(),
    priority: z.int().min(0).max(1000).describe('Who gets room first; 0 when absent.').optional(),
    preemption: z.enum(['Never', 'LowerPriority']).describe('`Never` when absent.').optional(),
    resources: resourceList.describe('What each replica takes of its host, besides one of `instances`.').optional(),
    clusters: z
      .strictObject({
        required: terms.optional(),
        preferred: z.array(preferredTerm).max(16).optional(),
        tiers: z
          .array(
            z.strictObject({
              name: z.string().min(1).max(63),
              required: terms.optional(),
              overflow: z.boolean().optional(),
              failBack: z.boolean().optional(),
            }),
          )
          .max(8)
          .optional(),
      })
      .optional(),
    hosts: z
      .strictObject({
        required: terms.optional(),
        preferred: z.array(preferredTerm).max(16).optional(),
        interfaces: z
          .array(z.string().min(1).max(253))
          .max(32)
          .describe('WIT interfaces that the host must offer.')
          .optional(),
      })
      .optional(),
    tolerations: z.array(toleration).max(32).optional(),
    spread: z
      .array(spreadEntry)
      .max(8)
      .describe('Outermost first: each entry is evaluated inside every domain of the one before it.')
      .optional(),
    groups: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(63),
          requirements: labelMap.optional(),
          weight: z.int().min(0).max(1_000_000).describe('100 when absent.').optional(),
        }),
      )
      .max(64)
      .describe("wadm's spread, with its arithmetic: floor by weight, the rest in order of weight.")
      .optional(),
    affinity: affinity.optional(),
    antiAffinity: affinity.optional(),
    maxPerHost: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe('No limit for actors and 1 for providers when absent.')
      .optional(),
    overrides: z
      .array(
        z.strictObject({
          clusters: terms,
          config: configNames('ConfigMaps'),
          secrets: configNames('Secrets'),
          image: imageReference.optional(),
          limits: actorLimits.optional(),
        }),
      )
      .max(32)
      .optional(),
    stability: z
      .strictObject({
        policy: z.enum(['Sticky', 'Rebalance']).describe('`Sticky` when absent.').optional(),
        minImprovement: z.int().min(0).max(100).describe('Per cent.').optional(),
        maxMovesPerMinute: z.int().min(1).max(100_000).optional(),
      })
      .optional(),
    failover: z
      .strictObject({
        hostLostAfter: duration.describe("The scheduler's setting (30s) when absent.").optional(),
        clusterLostAfter: duration.describe("The scheduler's setting (60s) when absent.").optional(),
        reconnect: z.enum(['BestScore', 'KeepOriginal', 'KeepReplacement']).optional(),
      })
      .optional(),
    rollout: z
      .strictObject({
        maxUnavailable: countOrPercent
          .describe('Most hosts that a rollout makes unavailable at once, at least one; 25% when absent.')
          .optional(),
        maxSurge: countOrPercent
          .describe('Most hosts besides that hold old and new at once, where the host can; 0 when absent.')
          .optional(),
        minReady: duration.describe('How long a host must have been Ready to count as updated.').optional(),
        stages: z
          .array(
            z.strictObject({
              name: z.string().min(1).max(63),
              clusters: terms.describe('All clusters that are in no stage before, when absent.').optional(),
              pause: duration.describe('How long to wait after this stage before the next one begins.').optional(),
              approval: z
                .boolean()
                .describe('Begins only when annotation `kasmcloud.io/approved-stages` names it: `<revision>/<stage>`.')
                .optional(),
            }),
          )
          .max(16)
          .describe('In this order; clusters that are in none come last.')
          .optional(),
        progressDeadline: duration.describe('Without progress for so long it is stalled; 10m when absent.').optional(),
        autoRevert: z.boolean().describe('Whether a stalled rollout goes back to the last good revision.').optional(),
      })
      .optional(),
    suspend: z.boolean().describe('Nothing new is decided while true; what runs goes on.').optional(),
    deletionPolicy: z.enum(['Delete', 'Orphan']).describe('`Delete` when absent.').optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.actor) != has(self.provider)', message: 'exactly one of actor and provider must be set' },
      {
        rule: '!has(self.provider) || !has(self.provider.container) || !(has(self.hosts) || has(self.groups) || has(self.resources) || has(self.maxPerHost))',
        message:
          'a provider in a container runs on no host: leave hosts, groups, resources and maxPerHost out (container.resources says what a pod takes)',
      },
      { rule: 'has(self.actor) == has(oldSelf.actor)', message: 'an actor may not become a provider, nor the reverse' },
      {
        rule: '!has(self.groups) || size(self.groups) == 0 || self.groups.exists(g, !has(g.weight) || g.weight > 0)',
        message: 'groups: at least one weight must be above 0',
      },
    ],
  });

export const distributionStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional(),
  desired: z.int().min(0).describe('Replicas asked for, over all hosts.').optional(),
  replicas: z.int().min(0).describe('Replicas that are placed.').optional(),
  readyReplicas: z.int().min(0).optional(),
  updatedReplicas: z.int().min(0).optional(),
  selector: z.string().max(1024).describe('Label selector of the Actors, for autoscalers.').optional(),
  currentRevision: z.string().max(64).describe('Last revision that was rolled out whole.').optional(),
  rollout: z
    .strictObject({
      revision: z.string().max(64).describe('Revision that the spec says.'),
      phase: z.enum(['Progressing', 'Paused', 'AwaitingApproval', 'Waiting', 'Stalled', 'Reverted', 'Complete']),
      stage: z.string().max(63).describe('Last stage that has begun.').optional(),
      stageIndex: z.int().min(-1).max(16).optional(),
      since: z.string().max(64).meta({ format: 'date-time' }),
      updatedHosts: z.int().min(0),
    })
    .describe('How far the change to the revision of the spec has come.')
    .optional(),
  where: z.string().max(1024).describe('Replicas by cluster, e.g. `eu-1:2 us-1:2`.').optional(),
  clusters: z
    .array(
      z.strictObject({
        name: z.string().max(253),
        desired: z.int().min(0),
        ready: z.int().min(0),
        updated: z.int().min(0).describe('Replicas that are to run the revision of the spec.').optional(),
      }),
    )
    .max(1000)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional(),
  unplaced: z
    .array(
      z.strictObject({ reason: z.string().max(63), count: z.int().min(0), message: z.string().max(1024).optional() }),
    )
    .max(32)
    .optional(),
  skew: z
    .array(z.strictObject({ topologyKey: z.string().max(317), value: z.int().min(0), max: z.int().min(0).optional() }))
    .max(16)
    .optional(),
  moves: z.strictObject({ last: z.int().min(0), lowerBound: z.int().min(0) }).optional(),
  planHash: z.string().max(128).optional(),
  conditions,
});

export const WasmCloudDistribution = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'WasmCloudDistribution',
  plural: 'wasmclouddistributions',
  singular: 'wasmclouddistribution',
  shortNames: ['wcd'],
  namespaced: true,
  description: 'What to run, how many, and where, over every host of every cluster.',
  spec: distributionSpec,
  status: distributionStatus,
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  columns: [
    { name: 'Desired', type: 'integer', jsonPath: '.status.desired' },
    { name: 'Placed', type: 'integer', jsonPath: '.status.replicas' },
    { name: 'Available', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Where', type: 'string', jsonPath: '.status.where' },
    ready,
    reason,
    { name: 'Revision', type: 'string', jsonPath: '.status.currentRevision', priority: 1 },
    age,
  ],
});
