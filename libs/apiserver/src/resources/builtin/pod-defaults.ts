import { asList, asObject, stringOr } from '../../object.ts';
import type { JsonObject } from '../../schema/json.ts';

/** What a kube-apiserver fills into the spec of a pod, beside what the schema says. */
export function withPodDefaults(spec: JsonObject): JsonObject {
  const { serviceAccountName, serviceAccount, volumes, containers, initContainers } = spec;
  const account = serviceAccountName ?? serviceAccount;
  return {
    ...spec,
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
    ...(volumes === undefined ? {} : { volumes: mapped(volumes, withVolumeDefaults) }),
    ...(containers === undefined ? {} : { containers: mapped(containers, withContainerDefaults) }),
    ...(initContainers === undefined ? {} : { initContainers: mapped(initContainers, withContainerDefaults) }),
  };
}

const mapped = (list: unknown, change: (item: JsonObject) => JsonObject): unknown =>
  Array.isArray(list) ? list.map((item) => change(asObject(item))) : list;

/** Of the volumes that have a mode only: the others have no defaults that clients of this server see. */
function withVolumeDefaults(volume: JsonObject): JsonObject {
  const result = { ...volume };
  for (const kind of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    if (volume[kind] !== undefined) result[kind] = { defaultMode: 0o644, ...asObject(volume[kind]) };
  }
  return result;
}

function withContainerDefaults(container: JsonObject): JsonObject {
  const result: JsonObject = {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest(container['image']) ? 'Always' : 'IfNotPresent',
    ...container,
    resources: asObject(container['resources']),
  };
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[probe] !== undefined) result[probe] = withProbeDefaults(asObject(container[probe]));
  }
  if (container['env'] !== undefined) result['env'] = mapped(container['env'], withFieldVersion);
  return result;
}

/** An image without a tag or digest is pulled again each time, as is `latest`. */
function isLatest(image: unknown): boolean {
  const name = stringOr(image, '').split('/').at(-1) ?? '';
  if (name.includes('@')) return false;
  return !name.includes(':') || name.endsWith(':latest');
}

function withProbeDefaults(probe: JsonObject): JsonObject {
  const { httpGet } = probe;
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...probe,
    ...(httpGet === undefined ? {} : { httpGet: { path: '/', scheme: 'HTTP', ...asObject(httpGet) } }),
  };
}

function withFieldVersion(variable: JsonObject): JsonObject {
  const { valueFrom } = variable;
  const { fieldRef } = asObject(valueFrom);
  if (fieldRef === undefined) return variable;
  return { ...variable, valueFrom: { ...asObject(valueFrom), fieldRef: { apiVersion: 'v1', ...asObject(fieldRef) } } };
}

/** Limits that have no request ask for as much: of a pod itself, not of a template. */
export function withRequestsOfLimits(spec: JsonObject): JsonObject {
  const containers = asList(spec['containers']).map((item) => {
    const container = asObject(item);
    const { limits, requests, ...others } = asObject(container['resources']);
    if (limits === undefined) return container;
    return { ...container, resources: { ...others, limits, requests: { ...asObject(limits), ...asObject(requests) } } };
  });
  return { ...spec, ...(spec['containers'] === undefined ? {} : { containers }) };
}
