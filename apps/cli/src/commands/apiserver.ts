import { createLogger } from '@kasmcloud/observe';
import { startApiServer } from '@kasmcloud/apiserver';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import type { Command } from 'commander';
import { writeAtomically } from '../state/atomic-file.ts';
import { aborted, stopSignal } from '../stop-signal.ts';
import { seedDefinitions } from '../up/seed.ts';
import { UserError } from '../user-error.ts';

interface ApiServerFlags {
  readonly name: string;
  readonly data?: string;
  readonly tlsDir?: string;
  readonly host: string;
  readonly port: string;
  readonly kubeconfig?: string;
  readonly crds?: boolean;
}

export function addApiServerCommand(program: Command): void {
  program
    .command('apiserver')
    .description('run one embedded Kubernetes API server until it is told to stop')
    .option('--name <name>', 'name of the cluster in the kubeconfig', 'kasmcloud')
    .option('--data <file>', 'SQLite file that keeps the objects; without it they live as long as the server')
    .option('--tls-dir <folder>', 'folder that keeps the CA, the keys and the admin token')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes a free one', '0')
    .option('--kubeconfig <file>', "where to write the admin's kubeconfig; stdout when absent")
    .option('--crds', "put KasmCloud's resource definitions in place")
    .action(runApiServer);
}

async function runApiServer(flags: ApiServerFlags): Promise<void> {
  const stop = stopSignal();
  // Without a file the kubeconfig has stdout for itself.
  const destination = flags.kubeconfig === undefined ? process.stderr : process.stdout;
  const logger = createLogger({ service: 'apiserver', destination });
  const server = await startApiServer({
    clusterName: flags.name,
    host: flags.host,
    port: portOf(flags.port),
    logger,
    ...(flags.data !== undefined && { dataFile: flags.data }),
    ...(flags.tlsDir !== undefined && { tlsDir: flags.tlsDir }),
  });
  try {
    if (flags.crds === true) await putDefinitions(server.kubeconfig(), stop);
    if (flags.kubeconfig === undefined) process.stdout.write(server.kubeconfig());
    else await writeAtomically(flags.kubeconfig, server.kubeconfig());
    await aborted(stop);
  } finally {
    await server.close();
  }
}

async function putDefinitions(kubeconfig: string, signal: AbortSignal): Promise<void> {
  const client = new KubeClient(loadKubeconfig({ text: kubeconfig }));
  try {
    await seedDefinitions(client, signal);
  } finally {
    await client.close();
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UserError(`--port: "${text}" is no port`);
  return port;
}
