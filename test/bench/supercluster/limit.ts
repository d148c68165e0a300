/** What the API servers can do: the writes of a cold start, made by bare pooled clients with nothing to think about. */
import { builtin, fieldManagers, GROUP, labels, VERSION } from '@kasmcloud/kube-api';
import type { ApiServer } from './servers.ts';
import { apply, merge, post, writeAll, type Chain } from './writer.ts';

const NAMESPACE = 'limit';
/** Of a first term: epochs are beyond what fits into 32 bits, which a server in JavaScript holds differently. */
const EPOCH = 2 ** 32 + 1;
/** For a collection of thousands to go. */
const CLEAR_MS = 120_000;
const REVISION = '0123456789ab';
const base = `/apis/${GROUP}/${VERSION}/namespaces/${NAMESPACE}`;

/** Replicas a second, one Actor each, with all that a cold start writes for them: decisions on the hub, Actors and their status in the members. */
export async function apiLimit(
  hub: ApiServer,
  members: readonly ApiServer[],
  { distributions, replicas }: { readonly distributions: number; readonly replicas: number },
): Promise<number> {
  const all = [hub, ...members];
  for (const { client } of all) await client.create(builtin.Namespace, { metadata: { name: NAMESPACE } });
  const perMember = Math.ceil(replicas / members.length);
  const startedAt = performance.now();
  await Promise.all(
    all.map(async (server, index) =>
      writeAll(server, index === 0 ? hubChains(distributions, members) : memberChains(distributions, perMember, index)),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const { client } of all) {
    await client.raw('DELETE', `${base}/wasmcloudactors`, undefined, { timeoutMs: CLEAR_MS });
    await client.delete(builtin.Namespace, NAMESPACE);
  }
  return (distributions * perMember * members.length) / seconds;
}

const ready = (type: string, status: string): object => ({
  conditions: [{ type, status, reason: 'Running', message: '', lastTransitionTime: new Date().toISOString() }],
});

function* memberChains(distributions: number, replicas: number, index: number): Generator<Chain> {
  for (let d = 0; d < distributions; d++)
    for (let r = 0; r < replicas; r++) {
      const name = `app-${d}-${r}`;
      const path = `${base}/wasmcloudactors/${name}`;
      const spec = {
        id: `app-${d}`,
        image: 'file:///app.wasm',
        hostName: `nobody-${index}-${r}`,
        instances: 1,
        epoch: EPOCH,
      };
      const marks = {
        [labels.managedBy]: 'bench',
        [labels.distribution]: `app-${d}`,
        [labels.cluster]: 'c',
        [labels.revision]: REVISION,
      };
      const metadata = { name, namespace: NAMESPACE, labels: marks };
      yield [
        apply(path, fieldManagers.writer, {
          apiVersion: `${GROUP}/${VERSION}`,
          kind: 'WasmCloudActor',
          metadata,
          spec,
        }),
        merge(`${path}/status`, fieldManagers.host, { status: { observedGeneration: 1, ...ready('Ready', 'True') } }),
      ];
    }
}

/** A revision for each Distribution, and for each of its clusters a decision that is told applied and told ready. */
function* hubChains(distributions: number, members: readonly ApiServer[]): Generator<Chain> {
  for (let d = 0; d < distributions; d++) {
    const revision = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: `app-${d}` }, revision: 1 };
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/controllerrevisions`;
    yield [post(path, { ...revision, data: { spec: {} } })];
    for (const { name: cluster } of members) {
      const name = `app-${d}.${cluster}`;
      const object = `${base}/wasmcloudplacements/${name}`;
      const hosts = Array.from({ length: 33 }, (_, host) => ({ host: `${cluster}-${host}`, replicas: 1 }));
      const spec = { distribution: `app-${d}`, cluster, revision: REVISION, intent: REVISION, hosts, epoch: EPOCH };
      const metadata = { name, namespace: NAMESPACE };
      yield [
        apply(object, fieldManagers.planner, {
          apiVersion: `${GROUP}/${VERSION}`,
          kind: 'WasmCloudPlacement',
          metadata,
          spec,
        }),
        merge(`${object}/status`, fieldManagers.scheduler, {
          status: { appliedEpoch: EPOCH, ...ready('Applied', 'True') },
        }),
        merge(`${object}/status`, fieldManagers.scheduler, { status: { readyReplicas: 33 } }),
      ];
    }
  }
}
