import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer, type ControllerName } from '@kasmcloud/apiserver';
import { users, type KubeServerUnderTest } from './server.ts';

/** Those that run beside the real server. */
const controllers: readonly ControllerName[] = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
];

/** The API server of this repository, in this process, in memory. */
export async function startEmbedded(): Promise<KubeServerUnderTest> {
  const server = await startApiServer({ tokens: [users.viewer, users.nobody], controllers });
  const folder = await mkdtemp(join(tmpdir(), 'kube-embedded-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig());
  return {
    name: 'embedded',
    url: server.url,
    caPem: server.caPem,
    kubeconfig,
    hasControllers: true,
    tokens: { admin: server.adminToken, viewer: users.viewer.token, nobody: users.nobody.token },
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
