import { type KubeObject, asList, asObject } from '../../object.ts';
import { type FieldError, invalid, notSupported, required } from '../../schema/field-error.ts';
import { valueAt } from '../../paths.ts';
import { type JsonObject, isObject, sameJson } from '../../schema/json.ts';
import { matchesSelector } from '../selectors.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, number, numberAt, pairs, podColumns, printer } from './columns.ts';
import { podTemplate } from './pod.ts';
import { withPodDefaults } from './pod-defaults.ts';
import { podErrors } from './pod-errors.ts';
import { writing } from './written.ts';
import {
  anything,
  atomic,
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

const isEmptySelector = ({ matchLabels, matchExpressions }: JsonObject): boolean =>
  Object.keys(asObject(matchLabels)).length === 0 && asList(matchExpressions).length === 0;

/** The selector of a workload must find its own pods, and cannot move to others. */
function selectorErrors(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const given = valueAt(object, ['spec', 'selector']);
  const selector = asObject(given);
  const labels = asObject(valueAt(object, ['spec', 'template', 'metadata', 'labels']));
  const errors: FieldError[] = [];
  if (isObject(given) && isEmptySelector(given)) {
    errors.push(invalid('spec.selector', given, `empty selector is invalid for ${object.kind.toLowerCase()}`));
  }
  if (!isObject(given) || !matchesSelector(selector, labels as Record<string, string>)) {
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

function withTemplateDefaults(object: KubeObject): KubeObject {
  const spec = asObject(object['spec']);
  const template = asObject(spec['template']);
  return { ...object, spec: { ...spec, template: { ...template, spec: withPodDefaults(asObject(template['spec'])) } } };
}

function withRollout(object: KubeObject): KubeObject {
  const next = withTemplateDefaults(object);
  const spec = asObject(next['spec']);
  const { type = 'RollingUpdate', ...strategy } = asObject(spec['strategy']);
  if (type !== 'RollingUpdate') return { ...next, spec: { ...spec, strategy: { type, ...strategy } } };
  const rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...asObject(strategy['rollingUpdate']) };
  return { ...next, spec: { ...spec, strategy: { type, rollingUpdate } } };
}

const templateGeneration = 'deprecated.daemonset.template.generation';

function withDaemonRollout(object: KubeObject): KubeObject {
  const next = withTemplateDefaults(object);
  const spec = asObject(next['spec']);
  const { type = 'RollingUpdate', ...strategy } = asObject(spec['updateStrategy']);
  const rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...asObject(strategy['rollingUpdate']) };
  const updateStrategy = type === 'RollingUpdate' ? { type, rollingUpdate } : { type, ...strategy };
  const annotations = { [templateGeneration]: '1', ...next.metadata.annotations };
  return { ...next, metadata: { ...next.metadata, annotations }, spec: { ...spec, updateStrategy } };
}

/** A workload's pods are replaced when they end, so they restart always. */
function templateErrors(object: KubeObject): readonly FieldError[] {
  const path = 'spec.template.spec';
  const pod = asObject(valueAt(object, path.split('.')));
  const policy = pod['restartPolicy'];
  const errors = podErrors({ ...pod, restartPolicy: 'Always' }, path);
  return policy === 'Always' ? errors : [...errors, notSupported(`${path}.restartPolicy`, policy, ['Always'])];
}

const isNone = (value: unknown): boolean => value === 0 || value === '0%';

function rolloutErrors(object: KubeObject): readonly FieldError[] {
  const replicas = valueAt(object, ['spec', 'replicas']);
  const { maxUnavailable, maxSurge } = asObject(valueAt(object, ['spec', 'strategy', 'rollingUpdate']));
  return [
    ...(typeof replicas === 'number' && replicas < 0
      ? [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]
      : []),
    ...(isNone(maxUnavailable) && isNone(maxSurge)
      ? [invalid('spec.strategy.rollingUpdate.maxUnavailable', maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
  ];
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
    spec: writing(
      object(
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
        ['selector'],
      ),
      { selector: null, template: {}, strategy: {} },
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
  written: { spec: {}, status: {} },
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
    ...podColumns,
  ]),
  strategy: {
    generation: true,
    complete: withRollout,
    prepareCreate: (object) => ({ ...object, status: {} }),
    validate: (next, old) => [...selectorErrors(next, old), ...templateErrors(next), ...rolloutErrors(next)],
  },
});

const daemonCounts = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };

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
    spec: writing(
      object(
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
        ['selector'],
      ),
      { selector: null, template: {}, updateStrategy: {} },
    ),
    status: writing(
      object({
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
      daemonCounts,
    ),
  },
  written: { spec: {}, status: {} },
  status: true,
  printer: {
    unprintedAnnotation: templateGeneration,
    ...printer([
      number('Desired', 'status.desiredNumberScheduled'),
      number('Current', 'status.currentNumberScheduled'),
      number('Ready', 'status.numberReady'),
      number('Up-to-date', 'status.updatedNumberScheduled'),
      number('Available', 'status.numberAvailable'),
      {
        name: 'Node Selector',
        value: (object) => pairs(valueAt(object, ['spec', 'template', 'spec', 'nodeSelector'])),
      },
      age,
      ...podColumns,
    ]),
  },
  strategy: {
    generation: true,
    complete: withDaemonRollout,
    prepareCreate: (object) => ({ ...object, status: daemonCounts }),
    validate: (next, old) => [...selectorErrors(next, old), ...templateErrors(next)],
  },
});

const controllerRevision = builtin({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
  description: 'ControllerRevision is an immutable snapshot of state data of a controller.',
  fields: { data: atomic({ ...anything, nullable: true }), revision: integer },
  written: { revision: 0 },
  printer: printer([
    {
      name: 'Controller',
      value: ({ metadata }) => {
        const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
        if (owner === undefined) return '<none>';
        const [group = ''] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [];
        return `${owner.kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${owner.name}`;
      },
    },
    { ...number('Revision', 'revision'), type: 'string' },
    age,
  ]),
  strategy: {
    validate: (next, old) => [
      ...(next['data'] === undefined ? [required('data', 'data is mandatory')] : []),
      ...(Number(next['revision']) < 0
        ? [invalid('revision', next['revision'], 'must be greater than or equal to 0')]
        : []),
      ...(old === undefined || sameJson(next['data'], old['data'])
        ? []
        : [invalid('data', next['data'], 'field is immutable')]),
    ],
  },
});

export const workloadResources: readonly Resource[] = [deployment, daemonSet, controllerRevision];
