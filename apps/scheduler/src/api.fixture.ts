import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  Application,
  builtin,
  labels,
  LATTICE_ACCOUNT,
  SYSTEM_NAMESPACE,
  WasmCloudCluster,
  WasmCloudHost,
} from '@kasmcloud/kube-api';
import { microTime, type KubeClient } from '@kasmcloud/kube';
import {
  startNats,
  startRedis,
  startTestApiServer,
  type NatsOptions,
  type NatsServer,
  type RedisServer,
  type TestApiServer,
} from '@kasmcloud/testing';
import { createHttpApp } from './http-app.ts';

export const LATTICE = 'shop';
/** May only read Applications, in the lattice's namespace. */
export const READER_TOKEN = 'reader-token';
/** Is known to the hub, and may nothing. */
export const NOBODY_TOKEN = 'nobody-token';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON, or the text when it is none. */
  readonly body: unknown;
}

export interface Ask {
  /** The administrator's when absent; none at all when null. */
  readonly token?: string | null;
  readonly type?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** The whole scheduler process in this one: its real hub is its own member, with two hosts that are only objects. */
export class ApiWorld {
  readonly hub: TestApiServer;
  readonly nats: NatsServer;
  readonly #redis: RedisServer;
  readonly #folder: string;
  readonly #app: NestFastifyApplication;
  readonly url: string;

  private constructor(parts: {
    hub: TestApiServer;
    nats: NatsServer;
    redis: RedisServer;
    folder: string;
    app: NestFastifyApplication;
    url: string;
  }) {
    this.hub = parts.hub;
    this.nats = parts.nats;
    this.#redis = parts.redis;
    this.#folder = parts.folder;
    this.#app = parts.app;
    this.url = parts.url;
  }

  static async start(options: NatsOptions = {}): Promise<ApiWorld> {
    const [hub, nats, redis, folder] = await Promise.all([
      startTestApiServer({
        tokens: [
          { token: READER_TOKEN, user: 'reader', groups: [] },
          { token: NOBODY_TOKEN, user: 'nobody', groups: [] },
        ],
      }),
      startNats(options),
      startRedis(),
      mkdtemp(join(tmpdir(), 'kasm-api-')),
    ]);
    await seed(hub);
    await writeFile(join(folder, 'hub.yaml'), hub.kubeconfig());
    Object.assign(process.env, {
      KASMCLOUD_HUB_KUBECONFIG: join(folder, 'hub.yaml'),
      KASMCLOUD_REDIS_URL: redis.url,
      KASMCLOUD_NATS_URL: nats.url,
      KASMCLOUD_CACHE_DIR: join(folder, 'git'),
      KASMCLOUD_LOG_LEVEL: process.env['KASMCLOUD_LOG_LEVEL'] ?? 'silent',
      KASMCLOUD_LEASE_DURATION: '3s',
      KASMCLOUD_PORT: '0',
    });
    const app = await createHttpApp();
    await app.listen(0, '127.0.0.1');
    return new ApiWorld({ hub, nats, redis, folder, app, url: await app.getUrl() });
  }

  get app(): NestFastifyApplication {
    return this.#app;
  }

  async ask(method: string, path: string, { token, type, body }: Ask = {}): Promise<Answer> {
    const bearer = token === undefined ? this.hub.adminToken : token;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(type !== undefined && { 'content-type': type }),
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  }

  async close(): Promise<void> {
    await this.#app.close();
    await Promise.all([this.hub.close(), this.nats.close(), this.#redis.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function seed(hub: TestApiServer): Promise<void> {
  const { client } = hub;
  await hub.namespace(SYSTEM_NAMESPACE);
  await hub.namespace(LATTICE, { [labels.lattice]: 'true' });
  await hub.namespace('plain');
  await grantLattice(client, LATTICE);
  await grant(client, LATTICE, 'reader', ['get', 'list'], { kind: 'User', name: 'reader' });
  await client.create(WasmCloudCluster, { metadata: { name: 'self' }, spec: { inCluster: true, region: 'eu' } });
  for (const name of ['h1', 'h2']) {
    await client.create(WasmCloudHost, { metadata: { name }, spec: { lattices: ['*'] } });
    const spec = { holderIdentity: name, leaseDurationSeconds: 3600, renewTime: microTime(Date.now()) };
    await client.create(builtin.Lease, { metadata: { name, namespace: SYSTEM_NAMESPACE }, spec });
  }
}

/** What an administrator gives a lattice whose Applications may be written over NATS. */
export const grantLattice = (client: KubeClient, lattice: string): Promise<void> =>
  grant(client, lattice, LATTICE_ACCOUNT, ['get', 'list', 'create', 'update', 'delete'], {
    kind: 'ServiceAccount',
    name: LATTICE_ACCOUNT,
    namespace: lattice,
  });

async function grant(
  client: KubeClient,
  namespace: string,
  role: string,
  verbs: readonly string[],
  subject: object,
): Promise<void> {
  const rules = [{ apiGroups: [Application.group], resources: [Application.plural], verbs }];
  const kind = (plural: string, name: string) =>
    ({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: name, plural, namespaced: true }) as const;
  await client.create(kind('roles', 'Role'), { metadata: { name: role, namespace }, rules });
  await client.create(kind('rolebindings', 'RoleBinding'), {
    metadata: { name: role, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
    subjects: [subject],
  });
}
