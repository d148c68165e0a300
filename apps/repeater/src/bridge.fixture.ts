import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  labels,
  LATTICE_ACCOUNT,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type Condition,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { createMetrics, silentLogger } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import { startNats, startTestApiServer, type NatsServer, type TestApiServer } from '@kasmcloud/testing';
import {
  allEventsSubject,
  decodeAcknowledgement,
  decodeEvent,
  encodeJson,
  type CtlResponse,
  type HostEvent,
  type OtherEvent,
} from '@kasmcloud/wire';
import { Repeater } from './repeater.ts';

export const LATTICE = 'shop';
/** The public key of a host, for tests. */
export const nkey = (letter: string): string => `N${letter.repeat(55)}`;
export const nothing = new Uint8Array(0);

export const readyCondition: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Test',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

export interface Started {
  readonly repeater: Repeater;
  close(): Promise<void>;
}

/** A hub that is its own member, a second member `eu`, one NATS server with JetStream, and a tool that speaks on it. */
export class BridgeWorld {
  readonly nats: NatsServer;
  readonly hub: TestApiServer;
  readonly eu: TestApiServer;
  readonly tool: LatticeConnection;
  readonly heard: (HostEvent | OtherEvent)[] = [];
  readonly #stop = new AbortController();
  readonly #running = new Set<Started>();
  readonly #loops: Promise<void>[] = [];

  private constructor(nats: NatsServer, hub: TestApiServer, eu: TestApiServer, tool: LatticeConnection) {
    this.nats = nats;
    this.hub = hub;
    this.eu = eu;
    this.tool = tool;
    tool.subscribe(allEventsSubject(LATTICE), ({ data }) => this.heard.push(decodeEvent(data)));
  }

  static async start(): Promise<BridgeWorld> {
    const [nats, hub, eu] = await Promise.all([
      startNats({ jetstream: true }),
      startTestApiServer({ clusterName: 'hub' }),
      startTestApiServer({ clusterName: 'eu' }),
    ]);
    const tool = await connectLattice({ servers: nats.url, name: 'tool' });
    for (const cluster of [hub, eu]) {
      await cluster.namespace(SYSTEM_NAMESPACE);
      await cluster.namespace(LATTICE, { [labels.lattice]: '' });
    }
    const kubeconfig = Buffer.from(eu.kubeconfig()).toString('base64');
    const secret = { metadata: { name: 'eu', namespace: SYSTEM_NAMESPACE }, data: { kubeconfig } };
    await hub.client.create(builtin.Secret, secret);
    await hub.client.create(WasmCloudCluster, { metadata: { name: 'hub' }, spec: { inCluster: true } });
    await hub.client.create(WasmCloudCluster, {
      metadata: { name: 'eu' },
      spec: { kubeconfigSecret: { name: 'eu' } },
    });
    return new BridgeWorld(nats, hub, eu, tool);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
    for (const one of this.#running) await one.close();
    await this.tool.close();
    await Promise.all([this.nats.close(), this.hub.close(), this.eu.close()]);
  }

  async repeater(identity: string): Promise<Started> {
    const connection = await connectLattice({ servers: this.nats.url, name: identity });
    const repeater = new Repeater({
      hub: this.hub.client,
      connection,
      identity,
      metrics: createMetrics(),
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      heartbeatMs: 300,
      pingMs: 300,
      leaseMs: 4_000,
    });
    const started: Started = {
      repeater,
      close: async () => {
        this.#running.delete(started);
        await repeater.close();
        await connection.close();
      },
    };
    this.#running.add(started);
    return started;
  }

  /** What a client of the lattice is answered. */
  async ask(subject: string, body: object | Uint8Array = nothing): Promise<CtlResponse<unknown>> {
    const payload = body instanceof Uint8Array ? body : encodeJson(body);
    const { data } = await this.tool.request(subject, payload, { timeoutMs: 10_000 });
    return decodeAcknowledgement(data);
  }

  told(name: string): (HostEvent | OtherEvent)[] {
    return this.heard.filter((event) => event.name === name);
  }

  /** A KasmCloud host that is only an object, and calls what is written for it Ready unless its image is `broken`. */
  async host(cluster: TestApiServer, name: string, hostId: string, spec: object = { lattices: ['*'] }): Promise<void> {
    const { client } = cluster;
    const host = await client.create(WasmCloudHost, { metadata: { name }, spec });
    const status = {
      hostId,
      runtime: 'kasmcloud',
      version: '0.1.0',
      labels: { zone: 'a' },
      conditions: [readyCondition],
    };
    await client.patchStatus(WasmCloudHost, host, status);
    this.#loops.push(runWorkloads(client, name, this.#stop.signal));
  }
}

async function runWorkloads(client: KubeClient, hostName: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const kind of [WasmCloudActor, WasmCloudProvider]) {
      const options = { namespace: LATTICE, fieldSelector: `spec.hostName=${hostName}` };
      const { items } = await client.list<ActorObject | ProviderObject>(kind, options);
      for (const one of items) await runWorkload(client, one).catch(() => undefined);
    }
    await sleep(25, undefined, { signal }).catch(() => undefined);
  }
}

async function runWorkload(client: KubeClient, { kind, metadata, spec, status }: ActorObject | ProviderObject) {
  if (status?.observedGeneration === metadata.generation) return;
  const isBroken = spec.image === 'broken';
  const failed = { ...readyCondition, status: 'False', reason: 'ImagePullBackOff', message: 'no such image' };
  await client.patchStatus(
    kind === WasmCloudActor.kind ? WasmCloudActor : WasmCloudProvider,
    { metadata },
    {
      observedGeneration: metadata.generation,
      conditions: [isBroken ? failed : readyCondition],
      ...('instances' in spec && !isBroken && { instances: spec.instances, image: spec.image }),
    },
  );
}

const rbac = (kind: string, plural: string, namespaced: boolean) =>
  ({ group: 'rbac.authorization.k8s.io', version: 'v1', kind, plural, namespaced }) as const;

/** Gives a lattice's own account these rights, as `resource: verbs`; rights to hosts hold in the whole cluster. */
export async function grant(
  { client }: TestApiServer,
  rights: Readonly<Record<string, readonly string[]>>,
  name: string = LATTICE_ACCOUNT,
): Promise<void> {
  const rules = Object.entries(rights).map(([resource, verbs]) => ({
    apiGroups: [resource === 'configmaps' ? '' : 'kasmcloud.io'],
    resources: [resource],
    verbs,
  }));
  const isWide = 'wasmcloudhosts' in rights;
  const metadata = { name, ...(!isWide && { namespace: LATTICE }) };
  const [role, binding] = isWide
    ? [builtin.ClusterRole, builtin.ClusterRoleBinding]
    : [rbac('Role', 'roles', true), builtin.RoleBinding];
  await client.create(role, { metadata, rules });
  await client.create(binding, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name },
    subjects: [{ kind: 'ServiceAccount', name: LATTICE_ACCOUNT, namespace: LATTICE }],
  });
}

export const WRITES = ['get', 'list', 'create', 'update', 'patch', 'delete'] as const;
/** What `deploy/rbac/lattice.yaml` gives a lattice. */
export const LATTICE_RIGHTS = {
  wasmcloudactors: WRITES,
  wasmcloudproviders: WRITES,
  wasmcloudlinks: WRITES,
  configmaps: WRITES,
} as const;
