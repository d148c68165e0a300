import { create, get, inNamespace, mergePatch, type Suite } from '../case.ts';
import type { JsonObject } from '../json.ts';
import { named, refused, stored } from '../stored.ts';

const deployments = inNamespace('deployments', 'apps/v1');
const daemonSets = inNamespace('daemonsets', 'apps/v1');
const revisions = inNamespace('controllerrevisions', 'apps/v1');

const template = (labels: JsonObject, spec: JsonObject = {}): JsonObject => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'example.com/a:1' }], ...spec },
});
const deployment = (spec: JsonObject): JsonObject =>
  named('apps/v1', 'Deployment', {
    spec: { selector: { matchLabels: { app: 'a' } }, template: template({ app: 'a' }), ...spec },
  });
const daemonSet = (spec: JsonObject): JsonObject => ({ ...deployment(spec), kind: 'DaemonSet' });

export const workloads: Suite = {
  name: 'workloads',
  cases: [
    stored('Deployment', deployments, deployment({})),
    stored(
      'Deployment: rolling update',
      deployments,
      deployment({ replicas: 0, strategy: { rollingUpdate: { maxSurge: '30%', maxUnavailable: 0 } } }),
    ),
    stored('Deployment: recreate', deployments, deployment({ strategy: { type: 'Recreate' } })),
    refused('Deployment: empty spec', deployments, named('apps/v1', 'Deployment', { spec: {} })),
    refused(
      'Deployment: selector does not match',
      deployments,
      deployment({ selector: { matchLabels: { app: 'b' } } }),
    ),
    refused('Deployment: negative replicas', deployments, deployment({ replicas: -1 })),
    refused('Deployment: text for replicas', deployments, deployment({ replicas: '1' })),
    refused(
      'Deployment: no surge and none unavailable',
      deployments,
      deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    ),
    refused(
      'Deployment: restart policy',
      deployments,
      deployment({ template: template({ app: 'a' }, { restartPolicy: 'Never' }) }),
    ),
    refused(
      'Deployment: no containers',
      deployments,
      deployment({ template: template({ app: 'a' }, { containers: [] }) }),
    ),
    refused(
      'Deployment: container without image',
      deployments,
      deployment({ template: template({ app: 'a' }, { containers: [{ name: 'main' }] }) }),
    ),
    refused(
      'Deployment: same container twice',
      deployments,
      deployment({
        template: template(
          { app: 'a' },
          {
            containers: [
              { name: 'a', image: 'i' },
              { name: 'a', image: 'i' },
            ],
          },
        ),
      }),
    ),
    refused(
      'Deployment: bad container name',
      deployments,
      deployment({ template: template({ app: 'a' }, { containers: [{ name: 'A_b', image: 'i' }] }) }),
    ),
    refused(
      'Deployment: bad quantity',
      deployments,
      deployment({
        template: template(
          { app: 'a' },
          { containers: [{ name: 'a', image: 'i', resources: { requests: { cpu: 'much' } } }] },
        ),
      }),
    ),
    refused(
      'Deployment: request above limit',
      deployments,
      deployment({
        template: template(
          { app: 'a' },
          { containers: [{ name: 'a', image: 'i', resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }] },
        ),
      }),
    ),
    refused(
      'Deployment: mount without volume',
      deployments,
      deployment({
        template: template(
          { app: 'a' },
          { containers: [{ name: 'a', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] },
        ),
      }),
    ),
    stored(
      'Deployment: rich container',
      deployments,
      deployment({
        template: template(
          { app: 'a' },
          {
            serviceAccountName: 'sa',
            volumes: [
              { name: 'c', configMap: { name: 'c' } },
              { name: 's', secret: { secretName: 's' } },
              { name: 'e', emptyDir: {} },
            ],
            containers: [
              {
                name: 'a',
                image: 'example.com/a',
                ports: [{ containerPort: 80 }],
                env: [
                  { name: 'A', value: 'b' },
                  { name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                ],
                resources: { requests: { cpu: '0.5', memory: '1024Ki' }, limits: { cpu: '1' } },
                livenessProbe: { httpGet: { path: '/', port: 80 } },
                readinessProbe: { tcpSocket: { port: 'web' } },
                volumeMounts: [{ name: 'c', mountPath: '/c' }],
              },
            ],
          },
        ),
      }),
    ),
    {
      name: 'Deployment: selector is immutable',
      steps: [
        create(deployments, deployment({})),
        mergePatch(`${deployments}/one`, {
          spec: { selector: { matchLabels: { app: 'b' } }, template: template({ app: 'b' }) },
        }),
      ],
    },
    {
      name: 'Deployment: generation counts changes of the spec',
      steps: [
        create(deployments, deployment({})),
        mergePatch(`${deployments}/one`, { metadata: { labels: { a: 'b' } } }),
        mergePatch(`${deployments}/one`, { spec: { replicas: 3 } }),
        mergePatch(`${deployments}/one/status`, { status: { replicas: 3, observedGeneration: 2 } }),
      ],
    },
    {
      name: 'Deployment: scale',
      steps: [
        create(deployments, deployment({})),
        get(`${deployments}/one/scale`),
        mergePatch(`${deployments}/one/scale`, { spec: { replicas: 5 } }),
        mergePatch(`${deployments}/one/scale`, { spec: { replicas: -1 } }),
        get(`${deployments}/one`),
      ],
    },
    stored('DaemonSet', daemonSets, daemonSet({})),
    refused('DaemonSet: selector does not match', daemonSets, daemonSet({ selector: { matchLabels: { app: 'b' } } })),
    stored(
      'ControllerRevision',
      revisions,
      named('apps/v1', 'ControllerRevision', { revision: 1, data: { a: { b: 1 } } }),
    ),
    refused('ControllerRevision: no data', revisions, named('apps/v1', 'ControllerRevision', { revision: 1 })),
    refused(
      'ControllerRevision: negative revision',
      revisions,
      named('apps/v1', 'ControllerRevision', { revision: -1, data: {} }),
    ),
    {
      name: 'ControllerRevision: data is immutable',
      steps: [
        create(revisions, named('apps/v1', 'ControllerRevision', { revision: 1, data: { a: 1 } })),
        mergePatch(`${revisions}/one`, { data: { a: 2 } }),
        mergePatch(`${revisions}/one`, { revision: 2 }),
      ],
    },
  ],
};
