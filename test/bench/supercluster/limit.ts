/** What the API servers can do: the writes of a cold start, made by bare pooled clients with nothing to think about. */
import {
  builtin,
  conditionTypes,
  fieldManagers,
  GROUP,
  labels,
  typeMeta,
  VERSION,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
} from '@kasmcloud/kube-api';
import type { ApiServer } from './servers.ts';
import { allWrites } from './wish.ts';
import { apply, merge, post, writeAll, type Chain } from './writer.ts';

const NAMESPACE = 'limit';
/** Of a first term: epochs are beyond what fits into 32 bits, which a server in JavaScript holds differently. */
const EPOCH = 2 ** 32 + 1;
/** For a collection of thousands to go. */
const CLEAR_MS = 120_000;
const REVISION = '0123456789ab';
/** A label of hosts that nobody keeps. */
const MARK = 'example.com/limit';
const hostsPath = `/apis/${GROUP}/${VERSION}/${WasmCloudHost.plural}`;
const base = `/apis/${GROUP}/${VERSION}/namespaces/${NAMESPACE}`;

export interface Limit {
  /** Replicas, one Actor each. */
  readonly perSecond: number;
  readonly writes: number;
}

export interface LimitWish {
  readonly distributions: number;
  /** Of each Distribution. */
  readonly replicas: number;
  /** Of each member. */
  readonly hosts: number;
}

/**
 * All that a cold start writes: Distributions and decisions on the hub, Actors and their status in the members, and what their
 * hosts say of themselves.
 */
export async function apiLimit(
  hub: ApiServer,
  members: readonly ApiServer[],
  { distributions, replicas, hosts }: LimitWish,
): Promise<Limit> {
  const all = [hub, ...members];
  for (const { client } of all) await client.create(builtin.Namespace, { metadata: { name: NAMESPACE } });
  await Promise.all(members.map(async (member) => writeAll(member, newHosts(hosts))));
  const perMember = Math.ceil(replicas / members.length);
  const before = await allWrites(all);
  const startedAt = performance.now();
  await Promise.all(
    all.map(async (server, index) =>
      writeAll(
        server,
        index === 0 ? hubChains(distributions, members) : memberChains(distributions, perMember, hosts, index),
      ),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const writes = (await allWrites(all)) - before;
  for (const { client } of members)
    await client.raw('DELETE', `${hostsPath}?labelSelector=${MARK}`, undefined, { timeoutMs: CLEAR_MS });
  for (const { client } of all) {
    for (const { plural } of [WasmCloudActor, WasmCloudDistribution, WasmCloudPlacement])
      await client.raw('DELETE', `${base}/${plural}`, undefined, { timeoutMs: CLEAR_MS });
    await client.delete(builtin.Namespace, NAMESPACE);
  }
  return { perSecond: (distributions * perMember * members.length) / seconds, writes };
}

const ready = (type: string, status: string) => ({
  conditions: [{ type, status, reason: 'Running', message: '', lastTransitionTime: new Date().toISOString() }],
});

function* newHosts(hosts: number): Generator<Chain> {
  for (let host = 0; host < hosts; host++) {
    const metadata = { name: `${NAMESPACE}-${host}`, labels: { [MARK]: '' } };
    yield [post(hostsPath, { ...typeMeta(WasmCloudHost), metadata, spec: { lattices: [] } })];
  }
}

/** What a host says of itself as Actors come: not more often than every ten seconds, so about twice. */
function* hostChains(hosts: number): Generator<Chain> {
  for (const actors of [11, 22])
    for (let host = 0; host < hosts; host++)
      yield [merge(`${hostsPath}/${NAMESPACE}-${host}/status`, fieldManagers.host, { status: hostStatus(actors) })];
}

const hostStatus = (actors: number): object => ({
  runtime: 'kasmcloud',
  version: 'hollow',
  allocatable: { instances: 10_000 },
  interfaces: ['wasi:http', 'wasi:keyvalue', 'wasmcloud:messaging'],
  actors,
  providers: 0,
  instances: actors,
  ...ready('Ready', 'True'),
});

function* memberChains(distributions: number, replicas: number, hosts: number, index: number): Generator<Chain> {
  yield* hostChains(hosts);
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
        apply(path, fieldManagers.writer, { ...typeMeta(WasmCloudActor), metadata, spec }),
        merge(`${path}/status`, fieldManagers.host, { status: { observedGeneration: 1, ...ready('Ready', 'True') } }),
      ];
    }
}

/**
 * Each Distribution with a mark in its metadata, its revision and its status, and for each of its clusters a decision that
 * is told applied and told ready.
 */
function* hubChains(distributions: number, members: readonly ApiServer[]): Generator<Chain> {
  const clusters = members.map(({ name }) => name);
  for (let d = 0; d < distributions; d++) {
    yield distributionChain(`app-${d}`, clusters);
    for (const cluster of clusters) yield placementChain(`app-${d}`, cluster);
  }
}

function distributionChain(name: string, clusters: readonly string[]): Chain {
  const path = `${base}/wasmclouddistributions`;
  const object = { ...typeMeta(WasmCloudDistribution), metadata: { name } };
  const spec = { actor: { id: name, image: 'file:///app.wasm' }, replicas: 100 };
  const revision = { ...typeMeta(builtin.ControllerRevision), metadata: { name }, revision: 1 };
  return [
    post(path, { ...object, spec }),
    // Where a cold start adds its finalizer.
    merge(`${path}/${name}`, fieldManagers.planner, { metadata: { annotations: { 'example.com/mark': 'on' } } }),
    post(`/apis/apps/v1/namespaces/${NAMESPACE}/controllerrevisions`, { ...revision, data: { spec: {} } }),
    apply(`${path}/${name}/status`, fieldManagers.scheduler, { ...object, status: distributionStatus(name, clusters) }),
  ];
}

const { reconciling, stalled, scheduled, available, progressing, degraded } = conditionTypes;
const toldOfDistributions = [conditionTypes.ready, reconciling, stalled, scheduled, available, progressing, degraded];

const distributionStatus = (name: string, clusters: readonly string[]): object => ({
  observedGeneration: 1,
  desired: 100,
  where: clusters.map((cluster) => `${cluster}:33`).join(' '),
  replicas: 100,
  readyReplicas: 100,
  updatedReplicas: 100,
  selector: `${labels.distribution}=${name}`,
  clusters: clusters.map((cluster) => ({ name: cluster, desired: 33, ready: 33, updated: 33 })),
  unplaced: [],
  moves: { last: 0, lowerBound: 0 },
  planHash: REVISION,
  conditions: toldOfDistributions.flatMap((type) => ready(type, 'True').conditions),
});

function placementChain(distribution: string, cluster: string): Chain {
  const metadata = { name: `${distribution}.${cluster}`, namespace: NAMESPACE };
  const object = `${base}/wasmcloudplacements/${metadata.name}`;
  const hosts = Array.from({ length: 33 }, (_, host) => ({ host: `${cluster}-${host}`, replicas: 1 }));
  const spec = { distribution, cluster, revision: REVISION, intent: REVISION, hosts, epoch: EPOCH };
  return [
    apply(object, fieldManagers.planner, { ...typeMeta(WasmCloudPlacement), metadata, spec }),
    merge(`${object}/status`, fieldManagers.scheduler, {
      status: { appliedEpoch: EPOCH, ...ready('Applied', 'True') },
    }),
    merge(`${object}/status`, fieldManagers.scheduler, { status: { readyReplicas: 33 } }),
  ];
}
