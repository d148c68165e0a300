/** The API servers of a supercluster: embedded ones, or kube-apiserver with etcd, each as programs of their own. */
import { kubeconfig } from '@kasmcloud/apiserver';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { builtin, kinds, SYSTEM_NAMESPACE, toCrd } from '@kasmcloud/kube-api';
import { AlreadyExistsError } from '@kasmcloud/kube';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbedded, startKubernetes, type Server } from '../kube/servers.ts';

export type ServerKind = 'embedded' | 'real';

export interface ApiServer extends Server {
  readonly name: string;
  readonly client: KubeClient;
  readonly kubeconfig: string;
  /** How often something was written, by `resource` or `resource/subresource`. Refused writes count too. */
  writes(): Promise<ReadonlyMap<string, number>>;
}

/** `assets`: the programs of a real one. */
export async function startServer(name: string, kind: ServerKind, durable: boolean, assets = ''): Promise<ApiServer> {
  const server = kind === 'embedded' ? await startEmbedded(durable) : await startKubernetes(assets, durable);
  const text = kubeconfig({ clusterName: name, ...server });
  const client = new KubeClient(loadKubeconfig({ text }), { timeoutMs: 30_000 });
  await installKinds(client);
  await client.create(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE } });
  return {
    ...server,
    name,
    client,
    kubeconfig: text,
    writes: async () => writesIn(String(await client.raw('GET', '/metrics'))),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

async function installKinds(client: KubeClient): Promise<void> {
  for (const definition of kinds) {
    const metadata = { name: `${definition.plural}.${definition.group}` };
    try {
      await client.create(builtin.CustomResourceDefinition, { metadata, spec: toCrd(definition)['spec'] });
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }
  for (const definition of kinds) {
    for (let attempt = 0; ; attempt++) {
      try {
        await client.list(definition, { limit: 1 });
        break;
      } catch (error) {
        if (attempt === 200) throw error;
        await sleep(50);
      }
    }
  }
}

const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE']);

function writesIn(metrics: string): Map<string, number> {
  const writes = new Map<string, number>();
  for (const [, text = '', count] of metrics.matchAll(/^apiserver_request_total\{(.*)\} ([\d.e+]+)$/gm)) {
    const labels = new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value ?? '']));
    if (!WRITES.has(labels.get('verb') ?? '')) continue;
    const subresource = labels.get('subresource') ?? '';
    const key = `${labels.get('resource')}${subresource === '' ? '' : `/${subresource}`}`;
    writes.set(key, (writes.get(key) ?? 0) + Number(count));
  }
  return writes;
}
