import { connect } from 'node:net';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';

/** True when a service of ours says that it is ready. */
export async function answersReady(port: number, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal });
  await response.body?.cancel();
  return response.ok;
}

/** True when the API server of this kubeconfig is ready. */
export async function apiServerAnswers(kubeconfig: string, signal: AbortSignal): Promise<boolean> {
  const client = new KubeClient(loadKubeconfig({ file: kubeconfig }), { timeoutMs: 2_000 });
  try {
    await client.raw('GET', '/readyz', undefined, { signal });
    return true;
  } finally {
    await client.close();
  }
}

/** True when a server sends this at the start of a connection, or as answer to `question`. */
export async function says(port: number, greeting: string, question = ''): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.setTimeout(1_000, () => resolve(false));
  socket.once('connect', () => socket.write(question));
  socket.once('data', (chunk) => resolve(chunk.toString().startsWith(greeting)));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  const greeted = await promise;
  socket.destroy();
  return greeted;
}
