import { type JsonObject, sameJson } from '../../schema/json.ts';
import { type KubeObject, asList, asObject } from '../../object.ts';
import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { age, printer, text, textAt } from './columns.ts';
import { type FieldError, forbidden } from '../../schema/field-error.ts';
import { admittedPod } from './pod-admission.ts';
import { withPodDefaults, withRequestsOfLimits } from './pod-defaults.ts';
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
  listBy,
  listOf,
  localReference,
  mapOf,
  object,
  quantity,
  string,
  time,
  withDefault,
} from './words.ts';

const keyReference = atomic(object({ name: withDefault(string, ''), key: string, optional: boolean }, ['key']));

const environment = object(
  {
    name: string,
    value: string,
    valueFrom: object({
      fieldRef: atomic(object({ apiVersion: string, fieldPath: string }, ['fieldPath'])),
      resourceFieldRef: atomic(object({ containerName: string, resource: string, divisor: quantity }, ['resource'])),
      configMapKeyRef: keyReference,
      secretKeyRef: keyReference,
      fileKeyRef: anything,
    }),
  },
  ['name'],
);

const httpHeader = object({ name: string, value: string }, ['name', 'value']);

const handler = {
  exec: object({ command: listOf(string) }),
  httpGet: object({ path: string, port: intOrString, host: string, scheme: string, httpHeaders: listOf(httpHeader) }, [
    'port',
  ]),
  tcpSocket: object({ port: intOrString, host: string }, ['port']),
};

const probe = object({
  ...handler,
  grpc: object({ port: integer, service: string }, ['port']),
  initialDelaySeconds: integer,
  timeoutSeconds: integer,
  periodSeconds: integer,
  successThreshold: integer,
  failureThreshold: integer,
  terminationGracePeriodSeconds: integer,
});

const lifecycleHandler = object({ ...handler, sleep: object({ seconds: integer }, ['seconds']) });

const source = object({ name: withDefault(string, ''), optional: boolean });

const container = object(
  {
    name: withDefault(string, ''),
    image: string,
    imagePullPolicy: string,
    command: listOf(string),
    args: listOf(string),
    workingDir: string,
    ports: listBy(
      ['containerPort', 'protocol'],
      object(
        {
          name: string,
          containerPort: integer,
          hostPort: integer,
          hostIP: string,
          protocol: withDefault(string, 'TCP'),
        },
        ['containerPort'],
      ),
    ),
    envFrom: listOf(object({ prefix: string, configMapRef: source, secretRef: source })),
    env: listBy(['name'], environment),
    resources: object({
      limits: mapOf(quantity),
      requests: mapOf(quantity),
      claims: listBy(['name'], object({ name: string, request: string }, ['name'])),
    }),
    resizePolicy: listOf(object({ resourceName: string, restartPolicy: string }, ['resourceName', 'restartPolicy'])),
    restartPolicy: string,
    restartPolicyRules: listOf(anything),
    volumeMounts: listBy(
      ['mountPath'],
      object(
        {
          name: string,
          mountPath: string,
          subPath: string,
          subPathExpr: string,
          readOnly: boolean,
          recursiveReadOnly: string,
          mountPropagation: string,
        },
        ['name', 'mountPath'],
      ),
    ),
    volumeDevices: listBy(['devicePath'], object({ name: string, devicePath: string }, ['name', 'devicePath'])),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    lifecycle: object({ postStart: lifecycleHandler, preStop: lifecycleHandler, stopSignal: string }),
    terminationMessagePath: string,
    terminationMessagePolicy: string,
    securityContext: anything,
    stdin: boolean,
    stdinOnce: boolean,
    tty: boolean,
    targetContainerName: string,
  },
  ['name'],
);

const podFields = object(
  {
    containers: listBy(['name'], container),
    initContainers: listBy(['name'], container),
    ephemeralContainers: listBy(['name'], container),
    volumes: listBy(['name'], { ...anything, properties: { name: string }, required: ['name'] }),
    nodeName: string,
    nodeSelector: { ...mapOf(string), 'x-kubernetes-map-type': 'atomic' },
    serviceAccountName: string,
    serviceAccount: string,
    automountServiceAccountToken: boolean,
    restartPolicy: withDefault(string, 'Always'),
    terminationGracePeriodSeconds: withDefault(integer, 30),
    activeDeadlineSeconds: integer,
    dnsPolicy: withDefault(string, 'ClusterFirst'),
    dnsConfig: anything,
    hostNetwork: boolean,
    hostPID: boolean,
    hostIPC: boolean,
    hostUsers: boolean,
    shareProcessNamespace: boolean,
    securityContext: withDefault(anything, {}),
    imagePullSecrets: listBy(['name'], localReference),
    hostname: string,
    hostnameOverride: string,
    subdomain: string,
    setHostnameAsFQDN: boolean,
    affinity: anything,
    schedulerName: withDefault(string, 'default-scheduler'),
    schedulingGates: listBy(['name'], object({ name: string }, ['name'])),
    tolerations: listOf(
      object({ key: string, operator: string, value: string, effect: string, tolerationSeconds: integer }),
    ),
    hostAliases: listBy(['ip'], object({ ip: string, hostnames: listOf(string) }, ['ip'])),
    priorityClassName: string,
    priority: integer,
    preemptionPolicy: string,
    readinessGates: listOf(object({ conditionType: string }, ['conditionType'])),
    runtimeClassName: string,
    enableServiceLinks: boolean,
    overhead: mapOf(quantity),
    topologySpreadConstraints: listBy(
      ['topologyKey', 'whenUnsatisfiable'],
      object(
        {
          maxSkew: integer,
          topologyKey: string,
          whenUnsatisfiable: string,
          labelSelector,
          minDomains: integer,
          nodeAffinityPolicy: string,
          nodeTaintsPolicy: string,
          matchLabelKeys: listOf(string),
        },
        ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
      ),
    ),
    os: object({ name: string }, ['name']),
    resourceClaims: listBy(['name'], { ...anything, properties: { name: string }, required: ['name'] }),
    resources: anything,
  },
  ['containers'],
);

const podSpec = writing(podFields, { containers: null });

const templateMetadata: JsonObject = {
  ...anything,
  properties: { labels: mapOf(string), annotations: mapOf(string) },
};

export const podTemplate = writing(object({ metadata: templateMetadata, spec: podSpec }), { metadata: {}, spec: {} });

const containerStatuses = listOf(anything);

const pod = builtin({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  description: 'Pod is a collection of containers that run together on a host.',
  fields: {
    spec: podSpec,
    status: object({
      phase: string,
      observedGeneration: integer,
      conditions: conditions({ lastProbeTime: time, observedGeneration: integer }),
      message: string,
      reason: string,
      nominatedNodeName: string,
      hostIP: string,
      hostIPs: listOf(object({ ip: string }, ['ip'])),
      podIP: string,
      podIPs: listBy(['ip'], object({ ip: string }, ['ip'])),
      startTime: time,
      initContainerStatuses: containerStatuses,
      containerStatuses,
      ephemeralContainerStatuses: containerStatuses,
      qosClass: string,
      resize: string,
      resourceClaimStatuses: listOf(anything),
    }),
  },
  required: ['spec'],
  written: { spec: {}, status: {} },
  status: true,
  selectable: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  printer: printer([
    {
      name: 'Ready',
      value: (pod) => {
        const total = asList(asObject(pod['spec'])['containers']).length;
        const ready = statusesOf(pod).filter((status) => status['ready'] === true).length;
        return `${ready}/${total}`;
      },
    },
    {
      name: 'Status',
      value: (pod) => (pod.metadata.deletionTimestamp === undefined ? textAt(pod, 'status.phase') : 'Terminating'),
    },
    {
      name: 'Restarts',
      value: (pod) => String(statusesOf(pod).reduce((sum, status) => sum + Number(status['restartCount'] ?? 0), 0)),
    },
    age,
    text('IP', 'status.podIP', 1),
    text('Node', 'spec.nodeName', 1),
    text('Nominated Node', 'status.nominatedNodeName', 1),
    { name: 'Readiness Gates', priority: 1, value: () => '<none>' },
  ]),
  strategy: {
    generation: true,
    returnsDeleted: true,
    complete: withDefaults,
    admitCreate: admittedPod,
    prepareCreate: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: qualityOf(pod) } }),
    validate: (pod, old) => [...podErrors(asObject(pod['spec']), 'spec'), ...changeErrors(pod, old)],
  },
});

function withDefaults(pod: KubeObject): KubeObject {
  const spec = withRequestsOfLimits(withPodDefaults(asObject(pod['spec'])));
  const status = asObject(pod['status']);
  const { podIP, podIPs } = status;
  return {
    ...pod,
    spec: { enableServiceLinks: true, ...spec },
    ...(podIP === undefined || podIPs !== undefined ? {} : { status: { ...status, podIPs: [{ ip: podIP }] } }),
  };
}

/** A pod runs as it was made, but for its images and how long it may run or end. */
function changeErrors(pod: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  if (old === undefined || sameJson(fixed(pod), fixed(old))) return [];
  const why =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
    '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
    '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [forbidden('spec', why)];
}

const withoutImages = (containers: unknown): unknown =>
  asList(containers).map((container) => ({ ...asObject(container), image: '' }));

/** What of a pod stays. */
function fixed(pod: KubeObject): JsonObject {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, ...spec } = asObject(pod['spec']);
  return {
    ...spec,
    containers: withoutImages(spec['containers']),
    initContainers: withoutImages(spec['initContainers']),
  };
}

/** Pods without requests and limits are the first to go when a node runs short, those with equal ones the last. */
function qualityOf(pod: KubeObject): string {
  const resources = asList(asObject(pod['spec'])['containers']).map((item) => asObject(asObject(item)['resources']));
  if (resources.every(({ limits, requests }) => limits === undefined && requests === undefined)) return 'BestEffort';
  const guaranteed = resources.every(({ limits, requests }) => {
    const { cpu, memory } = asObject(limits);
    return cpu !== undefined && memory !== undefined && (requests === undefined || sameJson(limits, requests));
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const statusesOf = (pod: JsonObject): JsonObject[] =>
  asList(asObject(pod['status'])['containerStatuses']).map((status) => asObject(status));

export const podResources: readonly Resource[] = [pod];
