import { asList, asObject } from '../../object.ts';
import { sameJson } from '../../schema/json.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, number, printer, text, textAt } from './columns.ts';
import {
  anything,
  boolean,
  conditions,
  intOrString,
  integer,
  listBy,
  listOf,
  mapOf,
  object,
  setOf,
  string,
  microTime,
  time,
} from './words.ts';

const node = builtin({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  description: 'Node is a worker node.',
  fields: {
    spec: object({
      podCIDR: string,
      podCIDRs: setOf(string),
      providerID: string,
      unschedulable: boolean,
      taints: listOf(object({ key: string, value: string, effect: string, timeAdded: time }, ['key', 'effect'])),
      configSource: anything,
      externalID: string,
    }),
    status: object({
      capacity: mapOf(intOrString),
      allocatable: mapOf(intOrString),
      phase: string,
      conditions: conditions({ lastHeartbeatTime: time }),
      addresses: listBy(['type'], object({ type: string, address: string }, ['type', 'address'])),
      daemonEndpoints: anything,
      nodeInfo: anything,
      images: listOf(anything),
      volumesInUse: listOf(string),
      volumesAttached: listOf(anything),
      config: anything,
      runtimeHandlers: listOf(anything),
      features: anything,
    }),
  },
  status: true,
  selectable: ['spec.unschedulable'],
  printer: printer([
    {
      name: 'Status',
      value: (object) => {
        const ready = asList(asObject(object['status'])['conditions'])
          .map((condition) => asObject(condition))
          .find(({ type }) => type === 'Ready');
        const state = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
        return textAt(object, 'spec.unschedulable') === 'true' ? `${state},SchedulingDisabled` : state;
      },
    },
    {
      name: 'Roles',
      value: ({ metadata }) =>
        Object.keys(metadata.labels ?? {})
          .filter((key) => key.startsWith('node-role.kubernetes.io/'))
          .map((key) => key.slice('node-role.kubernetes.io/'.length))
          .toSorted()
          .join(',') || '<none>',
    },
    age,
    text('Version', 'status.nodeInfo.kubeletVersion'),
  ]),
});

const lease = builtin({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  description: 'Lease defines a lease concept.',
  fields: {
    spec: object({
      holderIdentity: string,
      leaseDurationSeconds: integer,
      acquireTime: microTime,
      renewTime: microTime,
      leaseTransitions: integer,
      strategy: string,
      preferredHolder: string,
    }),
  },
  printer: printer([text('Holder', 'spec.holderIdentity'), age]),
  strategy: {
    unconditionalUpdate: false,
    createOnUpdate: true,
    validate: (lease) => {
      const seconds = asObject(lease['spec'])['leaseDurationSeconds'];
      const transitions = asObject(lease['spec'])['leaseTransitions'];
      return [
        ...(typeof seconds === 'number' && seconds <= 0
          ? [
              {
                type: 'FieldValueInvalid' as const,
                field: 'spec.leaseDurationSeconds',
                message: `Invalid value: ${seconds}: must be greater than 0`,
              },
            ]
          : []),
        ...(typeof transitions === 'number' && transitions < 0
          ? [
              {
                type: 'FieldValueInvalid' as const,
                field: 'spec.leaseTransitions',
                message: `Invalid value: ${transitions}: must be greater than or equal to 0`,
              },
            ]
          : []),
      ];
    },
  },
});

const priorityClass = builtin({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  description: 'PriorityClass maps a priority class name to its integer value.',
  fields: { value: integer, globalDefault: boolean, description: string, preemptionPolicy: string },
  required: ['value'],
  printer: printer([
    number('Value', 'value'),
    { name: 'Global-Default', type: 'boolean', value: (object) => object['globalDefault'] === true },
    age,
  ]),
  strategy: {
    generation: true,
    validate: (next, old) =>
      old === undefined || sameJson(next['value'], old['value'])
        ? []
        : [{ type: 'FieldValueForbidden', field: 'value', message: 'Forbidden: may not be changed in an update.' }],
  },
});

export const clusterResources: readonly Resource[] = [node, lease, priorityClass];
