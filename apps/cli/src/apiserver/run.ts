import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startApiServer } from '@kasmcloud/apiserver';
import { createLogger } from '@kasmcloud/observe';
import { writeAtomically } from '../state/atomic-file.ts';
import { aborted } from '../stop-signal.ts';
import { collectWhenIdle } from './idle-memory.ts';
import type { ApiServerRunOptions } from './options.ts';

/** Runs an API server until `stop` aborts; throws what its disk refused. */
export async function runApiServer(options: ApiServerRunOptions, stop: AbortSignal): Promise<void> {
  const { name, data, host, port, kubeconfig, crds } = options;
  // Without a file the kubeconfig has stdout for itself.
  const logger = createLogger({
    service: 'apiserver',
    destination: kubeconfig === undefined ? process.stderr : process.stdout,
  });
  if (data !== undefined) await mkdir(data, { recursive: true, mode: 0o700 });
  const failure = new AbortController();
  const server = await startApiServer({
    clusterName: name,
    host,
    port,
    logger,
    onFailure: (error) => failure.abort(error),
    ...(data !== undefined && { dataFile: join(data, 'data.sqlite'), tlsDir: join(data, 'tls') }),
  });
  const stopCollecting = collectWhenIdle();
  try {
    if (crds) {
      const { putDefinitions } = await import('./definitions.ts');
      await putDefinitions(server.kubeconfig(), stop);
    }
    if (kubeconfig === undefined) process.stdout.write(server.kubeconfig());
    else await writeAtomically(kubeconfig, server.kubeconfig());
    await aborted(AbortSignal.any([stop, failure.signal]));
  } finally {
    stopCollecting();
    await server.close();
  }
  failure.signal.throwIfAborted();
}
