import type { Command } from 'commander';
import { stopSignal } from '../stop-signal.ts';
import { parseApiServerOptions, type RawApiServerOptions } from '../apiserver/options.ts';

export function addApiServerCommand(program: Command): void {
  program
    .command('apiserver')
    .description('run one embedded Kubernetes API server until it is told to stop')
    .option('--name <name>', 'name of the cluster in the kubeconfig', 'kasmcloud')
    .option('--data <folder>', 'where the objects, the CA and the keys are kept; :memory: keeps nothing', ':memory:')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes a free one', '0')
    .option('--kubeconfig <file>', "where to write the admin's kubeconfig when the server is ready; stdout when absent")
    .option('--crds', "put KasmCloud's resource definitions in place")
    .action(async (raw: RawApiServerOptions) => {
      const options = parseApiServerOptions(raw);
      const stop = stopSignal();
      const { runApiServer } = await import('../apiserver/run.ts');
      await runApiServer(options, stop);
    });
}
