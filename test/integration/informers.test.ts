import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApiServer, type RunningApiServer } from '@kasmcloud/apiserver';
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';

const EVENTS_KEPT = 20;
const CONVERGES_WITHIN_MS = 60_000;

/** A line to a server that can be cut: every connection over it ends at once, and new ones are let through again. */
class Line implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(target: number): Promise<Line> {
    const server = createServer();
    const line = new Line(server);
    server.on('connection', (near) => {
      const far = connect(target, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        line.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          line.#sockets.delete(socket);
          other.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return line;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new TypeError('a line listens on a port');
    return address.port;
  }

  /** Returns how many connections were cut. */
  cut(): number {
    const count = this.#sockets.size / 2;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }
}

let server: RunningApiServer;
beforeEach(async () => {
  server = await startApiServer({ eventsKept: EVENTS_KEPT, controllers: [] });
});
afterEach(() => server.close());

function configFor(port: number): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(server.kubeconfig().replace(`:${server.port}`, `:${port}`));
  return config;
}

const versions = (items: readonly V1ConfigMap[]): Record<string, string | undefined> =>
  Object.fromEntries(
    items
      .map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion] as const)
      .toSorted(([a], [b]) => a.localeCompare(b)),
  );

/** What an informer holds must become what the server holds; throws with both when it does not. */
async function converged(held: () => readonly V1ConfigMap[], api: CoreV1Api): Promise<void> {
  const { items } = await api.listNamespacedConfigMap({ namespace: 'default' });
  const wanted = versions(items);
  const deadline = performance.now() + CONVERGES_WITHIN_MS;
  while (JSON.stringify(versions(held())) !== JSON.stringify(wanted) && performance.now() < deadline) await sleep(20);
  expect(versions(held())).toEqual(wanted);
}

test('an informer whose connection is cut again and again holds what the server holds', async () => {
  await using line = await Line.to(server.port);
  const api = configFor(server.port).makeApiClient(CoreV1Api);
  const behindLine = configFor(line.port);
  const cutApi = behindLine.makeApiClient(CoreV1Api);
  const informer = makeInformer<V1ConfigMap>(behindLine, '/api/v1/namespaces/default/configmaps', async () =>
    cutApi.listNamespacedConfigMap({ namespace: 'default' }),
  );
  const told = { add: 0, update: 0, delete: 0 };
  for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, () => (told[verb] += 1));
  let stopped = false;
  informer.on('error', () => {
    if (!stopped) void sleep(10).then(() => informer.start());
  });
  await informer.start();

  let cuts = 0;
  for (let index = 0; index < 120; index++) {
    const body = { metadata: { name: `config-${index % 40}` }, data: { index: String(index) } };
    const name = body.metadata.name;
    if (index < 40) await api.createNamespacedConfigMap({ namespace: 'default', body });
    else if (index < 80) await api.replaceNamespacedConfigMap({ namespace: 'default', name, body });
    else if (index % 2 === 0) await api.deleteNamespacedConfigMap({ namespace: 'default', name });
    if (index % 10 !== 9) continue;
    await sleep(50);
    cuts += line.cut();
  }
  await converged(() => informer.list('default'), api);
  expect(cuts).toBeGreaterThan(3);
  expect(told.add - told.delete).toBe(informer.list('default').length);
  expect(told.delete).toBeGreaterThan(0);
  stopped = true;
  await informer.stop();
});

test('an informer that was away longer than the server remembers lists again', async () => {
  await using line = await Line.to(server.port);
  const api = configFor(server.port).makeApiClient(CoreV1Api);
  const behindLine = configFor(line.port);
  const cutApi = behindLine.makeApiClient(CoreV1Api);
  let lists = 0;
  const informer = makeInformer<V1ConfigMap>(behindLine, '/api/v1/namespaces/default/configmaps', async () => {
    lists += 1;
    return cutApi.listNamespacedConfigMap({ namespace: 'default' });
  });
  const cutOff = Promise.withResolvers<void>();
  informer.on('error', () => cutOff.resolve());
  const body = { metadata: { name: 'first' } };
  await api.createNamespacedConfigMap({ namespace: 'default', body });
  await informer.start();
  await converged(() => informer.list('default'), api);
  line.cut();
  await cutOff.promise;
  for (let index = 0; index < EVENTS_KEPT * 4; index++) {
    await api.replaceNamespacedConfigMap({
      namespace: 'default',
      name: 'first',
      body: { ...body, data: { index: String(index) } },
    });
  }
  await informer.start();
  await converged(() => informer.list('default'), api);
  expect(lists).toBe(2);
  await informer.stop();
});
