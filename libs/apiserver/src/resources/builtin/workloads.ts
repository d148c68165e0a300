import { type KubeObject, asObject } from '../../object.ts';
import type { FieldError } from '../../schema/index.ts';
import { valueAt } from '../../paths.ts';
import { sameJson } from '../../schema/json.ts';
import { matchesLabels } from '../selectors.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, number, numberAt, printer, text } from './columns.ts';
import { podTemplate } from './pod.ts';
import {
  anything,
  boolean,
  conditions,
  intOrString,
  integer,
  labelSelector,
  object,
  string,
  time,
  withDefault,
} from './words.ts';

const replicaCounts = { replicas: integer, observedGeneration: integer, collisionCount: integer };

/** The selector of a workload must find its own pods, and cannot move to others. */
function selectorErrors(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const selector = asObject(valueAt(object, ['spec', 'selector']));
  const labels = asObject(valueAt(object, ['spec', 'template', 'metadata', 'labels']));
  const wanted = Object.entries(asObject(selector['matchLabels']));
  const requirements = wanted.map(([key, value]) => ({ key, operator: 'in' as const, values: [String(value)] }));
  const errors: FieldError[] = [];
  if (!matchesLabels(requirements, labels as Record<string, string>)) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.template.metadata.labels',
      message: `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
    });
  }
  if (old !== undefined && !sameJson(selector, valueAt(old, ['spec', 'selector']))) {
    const message = `Invalid value: ${JSON.stringify(selector)}: field is immutable`;
    errors.push({ type: 'FieldValueInvalid', field: 'spec.selector', message });
  }
  return errors;
}

const deployment = builtin({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  description: 'Deployment enables declarative updates for Pods.',
  fields: {
    spec: object(
      {
        replicas: withDefault(integer, 1),
        selector: labelSelector,
        template: podTemplate,
        strategy: withDefault(
          object({
            type: withDefault(string, 'RollingUpdate'),
            rollingUpdate: object({ maxUnavailable: intOrString, maxSurge: intOrString }),
          }),
          {},
        ),
        minReadySeconds: integer,
        revisionHistoryLimit: withDefault(integer, 10),
        paused: boolean,
        progressDeadlineSeconds: withDefault(integer, 600),
      },
      ['selector', 'template'],
    ),
    status: object({
      ...replicaCounts,
      updatedReplicas: integer,
      readyReplicas: integer,
      availableReplicas: integer,
      unavailableReplicas: integer,
      terminatingReplicas: integer,
      conditions: conditions({ lastUpdateTime: time }),
    }),
  },
  required: ['spec'],
  status: true,
  scale: {
    replicas: ['spec', 'replicas'],
    statusReplicas: ['status', 'replicas'],
    selector: ['spec', 'selector'],
  },
  printer: printer([
    {
      name: 'Ready',
      value: (object) => `${numberAt(object, 'status.readyReplicas')}/${numberAt(object, 'spec.replicas')}`,
    },
    { ...number('Up-to-date', 'status.updatedReplicas'), type: 'string' },
    { ...number('Available', 'status.availableReplicas'), type: 'string' },
    age,
  ]),
  strategy: {
    generation: true,
    prepareCreate: (object) => ({ ...object, status: {} }),
    validate: selectorErrors,
  },
});

const daemonSet = builtin({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  description: 'DaemonSet runs a copy of a Pod on each node.',
  fields: {
    spec: object(
      {
        selector: labelSelector,
        template: podTemplate,
        updateStrategy: withDefault(
          object({
            type: withDefault(string, 'RollingUpdate'),
            rollingUpdate: object({ maxUnavailable: intOrString, maxSurge: intOrString }),
          }),
          {},
        ),
        minReadySeconds: integer,
        revisionHistoryLimit: withDefault(integer, 10),
      },
      ['selector', 'template'],
    ),
    status: object({
      currentNumberScheduled: integer,
      numberMisscheduled: integer,
      desiredNumberScheduled: integer,
      numberReady: integer,
      observedGeneration: integer,
      updatedNumberScheduled: integer,
      numberAvailable: integer,
      numberUnavailable: integer,
      collisionCount: integer,
      conditions: conditions(),
    }),
  },
  required: ['spec'],
  status: true,
  printer: printer([
    number('Desired', 'status.desiredNumberScheduled'),
    number('Current', 'status.currentNumberScheduled'),
    number('Ready', 'status.numberReady'),
    number('Up-to-date', 'status.updatedNumberScheduled'),
    number('Available', 'status.numberAvailable'),
    age,
  ]),
  strategy: {
    generation: true,
    prepareCreate: (object) => ({
      ...object,
      status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    }),
    validate: selectorErrors,
  },
});

const controllerRevision = builtin({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
  description: 'ControllerRevision is an immutable snapshot of state data of a controller.',
  fields: { data: { ...anything, nullable: true }, revision: withDefault(integer, 0) },
  printer: printer([
    {
      name: 'Controller',
      value: ({ metadata }) => {
        const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
        return owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}/${owner.name}`;
      },
    },
    text('Revision', 'revision'),
    age,
  ]),
  strategy: {
    validate: (next, old) =>
      old === undefined || sameJson(next['data'], old['data'])
        ? []
        : [{ type: 'FieldValueInvalid', field: 'data', message: 'Invalid value: "object": field is immutable' }],
  },
});

export const workloadResources: readonly Resource[] = [deployment, daemonSet, controllerRevision];
