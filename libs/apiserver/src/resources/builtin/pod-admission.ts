import { type KubeObject, asList, asObject, stringOr } from '../../object.ts';
import type { JsonObject } from '../../schema/json.ts';
import { forbidden } from '../../status.ts';

/** What a pod is told of the cluster it comes into. */
export interface Surroundings {
  /** An object by bucket, namespace ('' for none) and name. */
  find(bucket: string, namespace: string, name: string): KubeObject | undefined;
  all(bucket: string): readonly KubeObject[];
  nameSuffix(): string;
}

const pods = { group: '', plural: 'pods' };
const classes = 'priorityclasses.scheduling.k8s.io';
const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * A pod with the ServiceAccount that it runs as, its priority, and how long it stays on a node that fails: what the admission of a
 * kube-apiserver adds. Throws a 403. Source: k8s.io/kubernetes plugin/pkg/admission.
 */
export function admittedPod(pod: KubeObject, surroundings: Surroundings): KubeObject {
  const spec = asObject(pod['spec']);
  const withAccount = { ...spec, ...accountFields(pod, spec, surroundings) };
  return {
    ...pod,
    spec: { ...withAccount, tolerations: tolerationsOf(spec), ...priorityFields(pod, spec, surroundings) },
  };
}

function accountFields(pod: KubeObject, spec: JsonObject, surroundings: Surroundings): JsonObject {
  const { name: podName, namespace = '' } = pod.metadata;
  const name = stringOr(spec['serviceAccountName'], '') || 'default';
  const account = surroundings.find('serviceaccounts', namespace, name);
  if (account === undefined) {
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden(pods, podName, why);
  }
  const { imagePullSecrets } = account;
  const secrets = spec['imagePullSecrets'] ?? imagePullSecrets;
  const mounts = spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken'] ?? true;
  return {
    serviceAccountName: name,
    serviceAccount: name,
    ...(secrets === undefined ? {} : { imagePullSecrets: secrets }),
    ...(mounts === true ? tokenFields(spec, `kube-api-access-${surroundings.nameSuffix()}`) : {}),
  };
}

/** The volume of the token, and its mount in each container that has nothing there. */
function tokenFields(spec: JsonObject, volume: string): JsonObject {
  const mounted = (containers: unknown): JsonObject[] =>
    asList(containers).map((item) => {
      const container = asObject(item);
      const mounts = asList(container['volumeMounts']);
      if (mounts.some((mount) => asObject(mount)['mountPath'] === tokenFolder)) return container;
      return { ...container, volumeMounts: [...mounts, { name: volume, readOnly: true, mountPath: tokenFolder }] };
    });
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
      },
    },
  ];
  return {
    volumes: [...asList(spec['volumes']), { name: volume, projected: { sources, defaultMode: 0o644 } }],
    containers: mounted(spec['containers']),
    ...(spec['initContainers'] === undefined ? {} : { initContainers: mounted(spec['initContainers']) }),
  };
}

const failures = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Five minutes on a node that does not answer, unless the pod says how long. */
function tolerationsOf(spec: JsonObject): unknown[] {
  const given = asList(spec['tolerations']).map((toleration) => asObject(toleration));
  const tolerates = (key: string): boolean =>
    given.some(
      (each) =>
        ['', key].includes(stringOr(each['key'], '')) && ['', 'NoExecute'].includes(stringOr(each['effect'], '')),
    );
  const added = failures
    .filter((key) => !tolerates(key))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  return [...given, ...added];
}

function priorityFields(pod: KubeObject, spec: JsonObject, surroundings: Surroundings): JsonObject {
  const named = stringOr(spec['priorityClassName'], '');
  const found =
    named === ''
      ? surroundings.all(classes).find((each) => each['globalDefault'] === true)
      : surroundings.find(classes, '', named);
  if (named !== '' && found === undefined) {
    throw forbidden(pods, pod.metadata.name, `no PriorityClass with name ${named} was found`);
  }
  return {
    ...(found === undefined ? {} : { priorityClassName: found.metadata.name }),
    priority: found?.['value'] ?? 0,
    preemptionPolicy: found?.['preemptionPolicy'] ?? 'PreemptLowerPriority',
  };
}
