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
  observedGeneration,
  resourceList,
  terms,
  time,
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
  weight: z.int().min(-100).max(100).describe('Added to the score of what the term holds for; negative to shun it.'),
  matchExpressions: terms.element.shape.matchExpressions,
});

const spreadEntry = z
  .strictObject({
    topologyKey,
    maxSkew: z.int().min(1).max(10_000).describe('Most difference between two domains; 1 when absent.').optional(),
    weights: z
      .array(
        z.strictObject({
          value: z.string().max(63).describe('Value of the label; `*` for every value not listed.'),
          weight: z.int().min(0).max(1_000_000).describe('Share of this domain, in proportion to the others.'),
        }),
      )
      .min(1)
      .max(64)
      .describe('Shares by domain value; `*` stands for every value not listed. Not together with maxSkew.')
      .optional(),
    min: z.int().min(0).max(1_000_000).describe('Least per domain.').optional(),
    max: z.int().min(0).max(1_000_000).describe('Most per domain.').optional(),
    minDomains: z
      .int()
      .min(1)
      .max(10_000)
      .describe('While there are fewer domains, one more without replicas counts for maxSkew; 1 when absent.')
      .optional(),
    maxDomains: z.int().min(1).max(10_000).describe('The most domains to use; all when absent.').optional(),
    whenUnsatisfiable: z
      .enum(['Block', 'Prefer'])
      .describe('Block leaves replicas unplaced rather than break this entry, Prefer does not; `Prefer` when absent.')
      .optional(),
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
  namespaces: z
    .array(objectName)
    .max(64)
    .describe('Namespaces of those Distributions; that of this one when absent.')
    .optional(),
};
const affinity = z.strictObject({
  required: z
    .array(z.strictObject(affinityTerm))
    .max(16)
    .describe('All of these must hold for every new replica.')
    .optional(),
  preferred: z
    .array(
      z.strictObject({
        weight: z.int().min(1).max(100).describe('Added to the score of hosts for which the term holds.'),
        ...affinityTerm,
      }),
    )
    .max(16)
    .describe('Where to place rather, among what is feasible.')
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
      .describe('The component to run; exactly one of actor and provider is set.')
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
      .describe('The provider to run; exactly one of actor and provider is set.')
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
    mode: z
      .enum(['Spread', 'Pack', 'Daemon'])
      .describe('Spread uses many hosts, Pack few, Daemon every eligible one; `Spread` when absent.')
      .optional(),
    priority: z.int().min(0).max(1000).describe('Who gets room first; 0 when absent.').optional(),
    preemption: z
      .enum(['Never', 'LowerPriority'])
      .describe('Whether it takes the room of Distributions of lower priority; `Never` when absent.')
      .optional(),
    resources: resourceList.describe('What each replica takes of its host, besides one of `instances`.').optional(),
    clusters: z
      .strictObject({
        required: terms.describe('Clusters that may be used: one of these terms must hold.').optional(),
        preferred: z
          .array(preferredTerm)
          .max(16)
          .describe('Clusters to place in rather, among those that may be used.')
          .optional(),
        tiers: z
          .array(
            z.strictObject({
              name: z.string().min(1).max(63).describe('Name of the tier, for people.'),
              required: terms
                .describe('Clusters of the tier: one of these terms must hold; all when absent.')
                .optional(),
              overflow: z
                .boolean()
                .describe(
                  'Whether the next tier takes what has no room here; else it takes replicas only when no host here is eligible. False when absent.',
                )
                .optional(),
              failBack: z
                .boolean()
                .describe('Whether replicas of later tiers come back when there is room again; false when absent.')
                .optional(),
            }),
          )
          .max(8)
          .describe('Clusters to use one group after another, first to last: active and standby.')
          .optional(),
      })
      .describe('Which clusters, by the labels of their WasmCloudClusters.')
      .optional(),
    hosts: z
      .strictObject({
        required: terms.describe('Hosts that may be used: one of these terms must hold.').optional(),
        preferred: z
          .array(preferredTerm)
          .max(16)
          .describe('Hosts to place on rather, among those that may be used.')
          .optional(),
        interfaces: z
          .array(z.string().min(1).max(253))
          .max(32)
          .describe('WIT interfaces that the host must offer.')
          .optional(),
      })
      .describe('Which hosts, by their labels and those of their cluster.')
      .optional(),
    tolerations: z.array(toleration).max(32).describe('Taints of hosts and clusters that replicas bear.').optional(),
    spread: z
      .array(spreadEntry)
      .max(8)
      .describe('Outermost first: each entry is evaluated inside every domain of the one before it.')
      .optional(),
    groups: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(63).describe('Name of the group, told where one has no room.'),
          requirements: labelMap
            .describe(
              'Labels that a host of the group must have with these values, all of them; none means every host.',
            )
            .optional(),
          weight: z.int().min(0).max(1_000_000).describe('100 when absent.').optional(),
        }),
      )
      .max(64)
      .describe("wadm's spread, with its arithmetic: floor by weight, the rest in order of weight.")
      .optional(),
    affinity: affinity
      .describe(
        'Places replicas in domains in which others of the selected Distributions run, itself included; binds new placements only.',
      )
      .optional(),
    antiAffinity: affinity
      .describe(
        'Keeps replicas out of domains in which others of the selected Distributions run, itself included; binds new placements only.',
      )
      .optional(),
    maxPerHost: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe('Most replicas on one host; no limit for actors and 1 for providers when absent.')
      .optional(),
    overrides: z
      .array(
        z.strictObject({
          clusters: terms.describe('Clusters that this is about: one of these terms must hold.'),
          config: configNames('ConfigMaps'),
          secrets: configNames('Secrets'),
          image: imageReference.optional(),
          limits: actorLimits.describe('In place of the limits of the actor, all of them.').optional(),
        }),
      )
      .max(32)
      .describe(
        'What is different in some clusters: a field here takes the place of that of the actor or provider; a later entry that fits overrides an earlier one.',
      )
      .optional(),
    stability: z
      .strictObject({
        policy: z
          .enum(['Sticky', 'Rebalance'])
          .describe(
            'Sticky moves only what must move, Rebalance also what could run better elsewhere; `Sticky` when absent.',
          )
          .optional(),
        minImprovement: z
          .int()
          .min(0)
          .max(100)
          .describe(
            'Moves for a better place wait until they would be this share of the replicas, in per cent; 0 when absent.',
          )
          .optional(),
        maxMovesPerMinute: z.int().min(1).max(100_000).describe('No limit when absent.').optional(),
      })
      .describe('Whether and how fast replicas move that could stay where they are.')
      .optional(),
    failover: z
      .strictObject({
        hostLostAfter: duration.describe("The scheduler's setting (30s) when absent.").optional(),
        clusterLostAfter: duration.describe("The scheduler's setting (60s) when absent.").optional(),
        reconnect: z
          .enum(['BestScore', 'KeepOriginal', 'KeepReplacement'])
          .describe('Which replicas stay when a lost host or cluster is back; `KeepReplacement` when absent.')
          .optional(),
      })
      .describe('When hosts and clusters that are silent count as lost, so that their replicas run elsewhere.')
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
              name: z.string().min(1).max(63).describe('Name of the stage, as in approvals.'),
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
        autoRevert: z
          .boolean()
          .describe('Whether a stalled rollout goes back to the last good revision; false when absent.')
          .optional(),
      })
      .describe('How a change of what runs is carried out, host by host.')
      .optional(),
    suspend: z.boolean().describe('Nothing new is decided while true; what runs goes on.').optional(),
    deletionPolicy: z
      .enum(['Delete', 'Orphan'])
      .describe('Orphan leaves what runs where it is when this is deleted; `Delete` when absent.')
      .optional(),
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
  observedGeneration,
  desired: z.int().min(0).describe('Replicas asked for, over all hosts.').optional(),
  replicas: z.int().min(0).describe('Replicas that are placed.').optional(),
  readyReplicas: z.int().min(0).describe('Replicas that are Ready.').optional(),
  updatedReplicas: z.int().min(0).describe('Replicas that are to run the revision of the spec.').optional(),
  selector: z.string().max(1024).describe('Label selector of the Actors, for autoscalers.').optional(),
  currentRevision: z.string().max(64).describe('Last revision that was rolled out whole.').optional(),
  rollout: z
    .strictObject({
      revision: z.string().max(64).describe('Revision that the spec says.'),
      phase: z
        .enum(['Progressing', 'Paused', 'AwaitingApproval', 'Waiting', 'Stalled', 'Reverted', 'Complete'])
        .describe('What it does or waits for.'),
      stage: z.string().max(63).describe('Last stage that has begun.').optional(),
      stageIndex: z
        .int()
        .min(-1)
        .max(16)
        .describe('Its place in spec.rollout.stages, from 0; -1 before the first.')
        .optional(),
      since: time.describe('When it last made progress, or came into this phase.'),
      updatedHosts: z.int().min(0).describe('Hosts that run the revision of the spec.'),
    })
    .describe('How far the change to the revision of the spec has come.')
    .optional(),
  where: z.string().max(1024).describe('Replicas by cluster, e.g. `eu-1:2 us-1:2`.').optional(),
  clusters: z
    .array(
      z.strictObject({
        name: z.string().max(253).describe('Name of the WasmCloudCluster.'),
        desired: z.int().min(0).describe('Replicas that are placed here.'),
        ready: z.int().min(0).describe('Those of them that are Ready.'),
        updated: z.int().min(0).describe('Replicas that are to run the revision of the spec.').optional(),
      }),
    )
    .max(1000)
    .describe('Replicas by cluster.')
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional(),
  unplaced: z
    .array(
      z.strictObject({
        reason: z.string().max(63).describe('Why, in one word.'),
        count: z.int().min(0).describe('How many replicas.'),
        message: z.string().max(1024).describe('What stands in the way, and on how many hosts.').optional(),
      }),
    )
    .max(32)
    .describe('Replicas that have no place.')
    .optional(),
  skew: z
    .array(
      z.strictObject({
        topologyKey: z.string().max(317).describe('Of the entry of spec.spread.'),
        value: z.int().min(0).describe('Most difference between two domains now.'),
        max: z.int().min(0).describe('The most that the entry asks for, where it does.').optional(),
      }),
    )
    .max(16)
    .describe('How uneven the replicas are, by entry of spec.spread.')
    .optional(),
  moves: z
    .strictObject({
      last: z.int().min(0).describe('Replicas that the last decision moved.'),
      lowerBound: z.int().min(0).describe('The least that any decision would have had to move.'),
    })
    .describe('What the last decision cost.')
    .optional(),
  planHash: z.string().max(128).describe('Hash of the last decision: equal for equal decisions.').optional(),
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
