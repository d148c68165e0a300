import { apply, create, get, inNamespace, mergePatch, strategicPatch, type Step, type Suite } from '../case.ts';
import type { JsonObject } from '../json.ts';
import { deploymentOfOne } from '../stored.ts';

const path = inNamespace('deployments', 'apps/v1');
const one = `${path}/one`;

const ofPod = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });
const ofMain = (fields: JsonObject): JsonObject => ofPod({ containers: [{ name: 'main', ...fields }] });

const made = create(path, deploymentOfOne(), { unseen: true });
const patched = (...patches: readonly JsonObject[]): readonly Step[] => [
  made,
  ...patches.map((patch) => strategicPatch(one, patch)),
];
const applied = (containers: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'one' },
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
    ...more,
  },
});

/** Patches and applies of a Deployment: what kubectl and controllers send for it. */
export const mergingWorkloads: Suite = {
  name: 'merging-workloads',
  cases: [
    {
      name: 'patch: environment',
      steps: patched(
        ofMain({ env: [{ name: 'B', value: '2' }] }),
        ofMain({ env: [{ name: 'A', value: '3' }] }),
        ofMain({ env: [{ name: 'A', $patch: 'delete' }] }),
        ofMain({ env: null }),
      ),
    },
    {
      name: 'patch: order of the environment',
      steps: patched(
        ofMain({ env: [{ name: 'Z', value: '1' }], '$setElementOrder/env': [{ name: 'Z' }, { name: 'A' }] }),
      ),
    },
    {
      name: 'patch: ports by number',
      steps: patched(
        ofMain({ ports: [{ containerPort: 81, name: 'x' }] }),
        ofMain({ ports: [{ containerPort: 80, name: 'web' }] }),
        ofMain({ ports: [{ containerPort: 80, $patch: 'delete' }] }),
      ),
    },
    {
      name: 'patch: volumes and mounts',
      steps: patched(
        ofPod({
          volumes: [{ name: 'v', emptyDir: {} }],
          containers: [{ name: 'main', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        }),
        ofPod({ volumes: [{ name: 'v', emptyDir: null, configMap: { name: 'c' } }] }),
        ofPod({
          volumes: [{ name: 'v', $patch: 'delete' }],
          containers: [{ name: 'main', volumeMounts: [{ mountPath: '/v', $patch: 'delete' }] }],
        }),
      ),
    },
    {
      name: 'patch: a list that is whole',
      steps: patched(
        ofMain({ command: ['a', 'b'] }),
        ofMain({ command: ['c'] }),
        ofPod({ tolerations: [{ key: 'a', operator: 'Exists' }] }),
        ofPod({ tolerations: [{ key: 'b', operator: 'Exists' }] }),
      ),
    },
    {
      name: 'patch: replace and retain',
      steps: patched(
        { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
        { spec: { strategy: { $patch: 'replace', type: 'RollingUpdate' } } },
        ofPod({ containers: [{ $patch: 'replace' }, { name: 'other', image: 'example.com/o:1' }] }),
      ),
    },
    {
      name: 'patch: init containers',
      steps: patched(
        ofPod({ initContainers: [{ name: 'i', image: 'example.com/i:1' }] }),
        ofPod({ initContainers: [{ name: 'i', args: ['x'] }] }),
        ofPod({ initContainers: null }),
      ),
    },
    {
      name: 'patch: pull secrets and selectors of nodes',
      steps: patched(
        ofPod({ imagePullSecrets: [{ name: 'a' }] }),
        ofPod({ imagePullSecrets: [{ name: 'b' }] }),
        ofPod({ nodeSelector: { x: 'y' } }),
        ofPod({ nodeSelector: { z: '1', x: null } }),
      ),
    },
    {
      name: 'patch: resources',
      steps: patched(
        ofMain({ resources: { limits: { cpu: '1000m', memory: '1024Mi' } } }),
        ofMain({ resources: { requests: { cpu: 0.5 } } }),
        ofMain({ resources: { requests: { cpu: 'odd' } } }),
      ),
    },
    {
      name: 'patch: refused',
      steps: patched(
        { spec: { selector: { matchLabels: { app: 'b' } } } },
        ofPod({ containers: [{ name: 'main', $patch: 'delete' }] }),
        ofMain({ ports: [{ containerPort: 'x' }] }),
        { spec: { replicas: 'x' } },
        { spec: { odd: 1 } },
      ),
    },
    {
      name: 'merge patch replaces lists',
      steps: [
        made,
        mergePatch(one, ofPod({ containers: [{ name: 'other', image: 'example.com/o:1' }] })),
        mergePatch(one, { spec: { template: { metadata: { annotations: { a: 'b' } } } } }),
      ],
    },
    {
      name: 'rollout restart',
      steps: patched({
        spec: {
          template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2020-01-01T00:00:00Z' } } },
        },
      }),
    },
    {
      name: 'apply: conflict over an image',
      steps: [
        apply(one, applied([{ name: 'main', image: 'a:1' }]), 'me'),
        apply(one, applied([{ name: 'main', image: 'a:2' }]), 'you'),
        apply(one, applied([{ name: 'main', image: 'a:2' }]), 'you', { force: true }),
        apply(one, applied([{ name: 'main', image: 'a:1' }]), 'me'),
        get(one),
      ],
    },
    {
      name: 'apply: two managers of one container',
      steps: [
        apply(one, applied([{ name: 'main', image: 'a:1', env: [{ name: 'A', value: '1' }] }]), 'me'),
        apply(one, applied([{ name: 'main', image: 'a:1', env: [{ name: 'B', value: '2' }] }]), 'you'),
        apply(one, applied([{ name: 'main', image: 'a:1' }]), 'me'),
        apply(one, applied([{ name: 'main', image: 'a:1' }]), 'you'),
      ],
    },
    {
      name: 'apply: replicas are handed over',
      steps: [
        apply(one, applied([{ name: 'main', image: 'a:1' }], { replicas: 3 }), 'me'),
        apply(one, applied([{ name: 'main', image: 'a:1' }], { replicas: 3 }), 'scaler'),
        apply(one, applied([{ name: 'main', image: 'a:1' }]), 'me'),
        apply(one, applied([{ name: 'main', image: 'a:1' }], { replicas: 5 }), 'scaler'),
      ],
    },
    {
      name: 'apply: after an update of another',
      steps: [
        apply(one, applied([{ name: 'main', image: 'a:1' }]), 'me'),
        strategicPatch(`${one}?fieldManager=editor`, ofMain({ image: 'a:9' })),
        apply(one, applied([{ name: 'main', image: 'a:2' }]), 'me'),
        apply(one, applied([{ name: 'main', image: 'a:2' }]), 'me', { force: true }),
      ],
    },
    {
      name: 'apply: dry run and strictness',
      steps: [
        apply(one, applied([{ name: 'main', image: 'a:1' }]), 'me', { query: 'dryRun=All' }),
        get(one),
        apply(one, applied([{ name: 'main', image: 'a:1', imagee: 'x' }]), 'me', { query: 'fieldValidation=Strict' }),
      ],
    },
    {
      name: 'apply: refused',
      steps: [
        apply(one, applied([{ image: 'a:1' }]), 'me'),
        apply(
          one,
          applied([
            { name: 'a', image: 'a:1' },
            { name: 'a', image: 'a:2' },
          ]),
          'me',
        ),
        apply(one, applied([]), 'me'),
        apply(one, { ...applied([{ name: 'main', image: 'a:1' }]), apiVersion: 'v1' }, 'me'),
      ],
    },
  ],
};
