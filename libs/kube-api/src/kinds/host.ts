import { z } from 'zod';
import { age, defineKind, ready, reason } from '../definition.ts';
import { conditions, labelMap, latticeId, observedGeneration, resourceList, taints, time } from '../schema/common.ts';
import { GROUP, VERSION } from '../names.ts';

export const hostSpec = z.strictObject({
  taints: taints.describe('What keeps replicas that do not tolerate it off this host.').optional(),
  unschedulable: z.boolean().describe('Cordoned: nothing new is placed here.').optional(),
  lattices: z
    .array(z.string().min(1).max(63))
    .max(256)
    .describe('Lattices (namespaces) that this host serves; `*` alone means every lattice namespace; none means none.')
    .optional(),
});

const seenComponent = z.strictObject({
  id: latticeId,
  image: z.string().max(1024).describe('Reference of its image.').optional(),
  instances: z.int().min(0).describe('The most instances that run at once.').optional(),
});

export const hostStatus = z.strictObject({
  hostId: z.string().max(64).describe('Public nkey (N…) by which the lattice knows the host.').optional(),
  runtime: z
    .enum(['kasmcloud', 'wasmcloud'])
    .describe('Whether it is a KasmCloud host or a wasmCloud 1.x one.')
    .optional(),
  version: z.string().max(128).describe('Version of its program.').optional(),
  friendlyName: z.string().max(253).describe('Name that it gave itself on the lattice.').optional(),
  lattice: z.string().max(63).describe('Lattice of a legacy host.').optional(),
  allocatable: resourceList.describe('What may be placed here; `instances` is the concurrency cap.').optional(),
  interfaces: z
    .array(z.string().max(253))
    .max(256)
    .describe('WIT interfaces that the host offers to what runs on it.')
    .optional(),
  labels: labelMap.describe('Labels as the host itself reports them.').optional(),
  startedAt: time.describe('When its process began.').optional(),
  actors: z.int().min(0).describe('Actors that run here.').optional(),
  providers: z.int().min(0).describe('Providers that run here.').optional(),
  instances: z.int().min(0).describe('Instances that the actors here may use together.').optional(),
  inventory: z
    .strictObject({
      components: z.array(seenComponent).max(5000).describe('Components.').optional(),
      providers: z.array(seenComponent).max(5000).describe('Providers.').optional(),
    })
    .describe('What a legacy host reports that it runs.')
    .optional(),
  observedGeneration,
  conditions,
});

export const WasmCloudHost = defineKind({
  group: GROUP,
  version: VERSION,
  kind: 'WasmCloudHost',
  plural: 'wasmcloudhosts',
  singular: 'wasmcloudhost',
  shortNames: ['wch'],
  namespaced: false,
  description:
    'A process that runs actors and providers: a KasmCloud host, or a wasmCloud 1.x host seen by the repeater.',
  spec: hostSpec,
  status: hostStatus,
  columns: [
    ready,
    { name: 'Cordoned', type: 'boolean', jsonPath: '.spec.unschedulable' },
    { name: 'Runtime', type: 'string', jsonPath: '.status.runtime' },
    { name: 'Version', type: 'string', jsonPath: '.status.version' },
    { name: 'Region', type: 'string', jsonPath: String.raw`.metadata.labels.topology\.kubernetes\.io/region` },
    { name: 'Actors', type: 'integer', jsonPath: '.status.actors' },
    { name: 'Providers', type: 'integer', jsonPath: '.status.providers' },
    // The name of a legacy host is its key.
    { name: 'Friendly-Name', type: 'string', jsonPath: '.status.friendlyName', priority: 1 },
    { name: 'Lattices', type: 'string', jsonPath: '.spec.lattices', priority: 1 },
    { ...reason, priority: 1 },
    { name: 'Host-ID', type: 'string', jsonPath: '.status.hostId', priority: 1 },
    age,
  ],
});
