import { type KubeObject, asList, asObject, stringOr } from '../../object.ts';
import { type FieldError, forbidden, invalid, notSupported } from '../../schema/field-error.ts';
import { nameProblems } from '../../names.ts';
import { sameJson } from '../../schema/json.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, number, printer, text, textAt } from './columns.ts';
import {
  anything,
  boolean,
  conditions,
  integer,
  listBy,
  listOf,
  mapOf,
  object,
  quantity,
  setOf,
  string,
  microTime,
  time,
  withDefault,
} from './words.ts';
import { writing } from './written.ts';

const nodeInfo = Object.fromEntries(
  [
    'machineID',
    'systemUUID',
    'bootID',
    'kernelVersion',
    'osImage',
    'containerRuntimeVersion',
    'kubeletVersion',
    'kubeProxyVersion',
    'operatingSystem',
    'architecture',
  ].map((name) => [name, '']),
);

/** A new node takes no pods before it says that it is ready. */
function withNotReadyTaint(object: KubeObject): KubeObject {
  const spec = asObject(object['spec']);
  const taints = asList(spec['taints']).map((taint) => asObject(taint));
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  if (taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return object;
  return { ...object, spec: { ...spec, taints: [...taints, taint] } };
}

/** What a node has is what pods may use of it, unless it says otherwise. */
function withAllocatable(object: KubeObject): KubeObject {
  const status = asObject(object['status']);
  const { capacity, allocatable } = status;
  return capacity === undefined || allocatable !== undefined
    ? object
    : { ...object, status: { ...status, allocatable: capacity } };
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function taintErrors(object: KubeObject): readonly FieldError[] {
  return asList(asObject(object['spec'])['taints']).flatMap((item, index) => {
    const { key, effect } = asObject(item);
    // A kube-apiserver says metadata where it means spec.
    const at = `metadata.taints[${index}]`;
    return [
      ...nameProblems('qualified', stringOr(key, '')).map((why) => invalid(`${at}.key`, key, why)),
      ...(effects.includes(String(effect)) ? [] : [notSupported(`${at}.effect`, effect, effects)]),
    ];
  });
}

const addressColumn = (name: string, type: string): Parameters<typeof printer>[0][number] => ({
  name,
  priority: 1,
  value: (object) => {
    const addresses = asList(asObject(object['status'])['addresses']).map((address) => asObject(address));
    return stringOr(addresses.find((address) => address['type'] === type)?.['address'], '<none>');
  },
});

const infoColumn = (name: string, field: string): Parameters<typeof printer>[0][number] => ({
  name,
  priority: 1,
  value: (object) => textAt(object, `status.nodeInfo.${field}`) || '<unknown>',
});

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
    status: writing(
      object({
        capacity: mapOf(quantity),
        allocatable: mapOf(quantity),
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
      { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo },
    ),
  },
  written: { spec: {}, status: {} },
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
    addressColumn('Internal-IP', 'InternalIP'),
    addressColumn('External-IP', 'ExternalIP'),
    infoColumn('OS-Image', 'osImage'),
    infoColumn('Kernel-Version', 'kernelVersion'),
    infoColumn('Container-Runtime', 'containerRuntimeVersion'),
  ]),
  strategy: {
    complete: withAllocatable,
    prepareCreate: withNotReadyTaint,
    validate: taintErrors,
  },
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
  written: { spec: {} },
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

const highestPriority = 1_000_000_000;

function priorityErrors({ metadata, value }: KubeObject): readonly FieldError[] {
  if (metadata.name.startsWith('system-')) {
    const why =
      "priority class names with 'system-' prefix are reserved for system use only. error: " +
      `${metadata.name} is not a known system priority class`;
    return [forbidden('metadata.name', why)];
  }
  const why = `maximum allowed value of a user defined priority is ${highestPriority}`;
  return Number(value) > highestPriority ? [forbidden('value', why)] : [];
}

const priorityClass = builtin({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  description: 'PriorityClass maps a priority class name to its integer value.',
  fields: {
    value: integer,
    globalDefault: boolean,
    description: string,
    preemptionPolicy: withDefault(string, 'PreemptLowerPriority'),
  },
  written: { value: 0 },
  printer: printer([
    number('Value', 'value'),
    { name: 'Global-Default', type: 'boolean', value: (object) => object['globalDefault'] === true },
    age,
    text('PreemptionPolicy', 'preemptionPolicy'),
  ]),
  strategy: {
    generation: true,
    validate: (next, old) => [
      ...priorityErrors(next),
      ...(old === undefined || sameJson(next['value'], old['value'])
        ? []
        : [forbidden('value', 'may not be changed in an update.')]),
    ],
  },
});

export const clusterResources: readonly Resource[] = [node, lease, priorityClass];
