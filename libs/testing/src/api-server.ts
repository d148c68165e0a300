import { setTimeout as sleep } from 'node:timers/promises';
import {
  startApiServer,
  type ApiServerOptions,
  type ControllerName,
  type RunningApiServer,
} from '@kasmcloud/apiserver';
import { KubeClient, loadKubeconfig, NotFoundError, type KubeTarget } from '@kasmcloud/kube';
import { builtin, kinds, toCrd, type KindDefinition } from '@kasmcloud/kube-api';

export interface TestApiServerOptions extends ApiServerOptions {
  /** Kinds to install as CRDs: all of ours when not told. `deploy/crds` is made from the same definitions. */
  readonly crds?: readonly KindDefinition[];
}

export interface TestApiServer extends RunningApiServer {
  readonly target: KubeTarget;
  /** Of the administrator. */
  readonly client: KubeClient;
  /** Makes a namespace, a lattice when labels say so. */
  namespace(name: string, labels?: Record<string, string>): Promise<void>;
}

/** Those that only act on what a test deletes: its server holds no object that it did not put there. */
const quietControllers: readonly ControllerName[] = ['namespace-controller', 'garbage-collector-controller'];

/** A Kubernetes API server in this process, in memory, on a free port, ready with our kinds. */
export async function startTestApiServer(options: TestApiServerOptions = {}): Promise<TestApiServer> {
  const { crds = kinds, ...serverOptions } = options;
  const server = await startApiServer({ controllers: quietControllers, ...serverOptions });
  const target = loadKubeconfig({ text: server.kubeconfig() });
  const client = new KubeClient(target);
  for (const definition of crds) await install(client, definition);
  return {
    ...server,
    target,
    client,
    namespace: async (name, labels = {}) =>
      void (await client.create(builtin.Namespace, { metadata: { name, labels } })),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

async function install(client: KubeClient, definition: KindDefinition): Promise<void> {
  const { spec } = toCrd(definition);
  const metadata = { name: `${definition.plural}.${definition.group}` };
  await client.create(builtin.CustomResourceDefinition, { metadata, spec });
  const deadline = performance.now() + 10_000;
  while (!(await isServed(client, definition))) {
    if (performance.now() > deadline) throw new Error(`the API server does not serve ${metadata.name} after 10 s`);
    await sleep(10);
  }
}

async function isServed(client: KubeClient, kind: KindDefinition): Promise<boolean> {
  try {
    await client.list(kind, { limit: 1 });
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}
