import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  LATTICE_ACCOUNT,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type Condition,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { NatsServer, TestApiServer } from '@kasmcloud/testing';
import {
  allEventsSubject,
  decodeAcknowledgement,
  decodeEvent,
  encodeJson,
  type CtlResponse,
  type HostEvent,
  type OtherEvent,
} from '@kasmcloud/wire';
import { LATTICE, nkey, RepeaterWorld } from './world.fixture.ts';

export { LATTICE, nkey };
export const nothing = new Uint8Array(0);

export const readyCondition: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Test',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

/** A world of repeaters in which KasmCloud hosts play along, and a tool that hears every event. */
export class BridgeWorld {
  readonly heard: (HostEvent | OtherEvent)[] = [];
  readonly #world: RepeaterWorld;
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];

  private constructor(world: RepeaterWorld) {
    this.#world = world;
    world.tool.subscribe(allEventsSubject(LATTICE), ({ data }) => this.heard.push(decodeEvent(data)));
  }

  static async start(): Promise<BridgeWorld> {
    return new BridgeWorld(await RepeaterWorld.start({ jetstream: true }));
  }

  get nats(): NatsServer {
    return this.#world.nats;
  }

  get hub(): TestApiServer {
    return this.#world.hub;
  }

  get eu(): TestApiServer {
    return this.#world.eu;
  }

  get tool(): LatticeConnection {
    return this.#world.tool;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
    await this.#world.clean();
    await this.#world.close();
  }

  /** What goes on meanwhile goes on without one. */
  async stopRepeaters(): Promise<void> {
    await this.#world.stopRepeaters();
  }

  async repeater(identity: string): Promise<void> {
    await this.#world.startRepeater(identity);
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
