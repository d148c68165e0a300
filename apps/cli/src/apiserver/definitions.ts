import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { seedDefinitions } from '../up/seed.ts';

/** Puts KasmCloud's resource definitions into the cluster of a kubeconfig. */
export async function putDefinitions(kubeconfig: string, signal: AbortSignal): Promise<void> {
  const client = new KubeClient(loadKubeconfig({ text: kubeconfig }));
  try {
    await seedDefinitions(client, signal);
  } finally {
    await client.close();
  }
}
