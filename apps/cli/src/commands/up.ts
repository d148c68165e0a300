import type { Command } from 'commander';
import { stopSignal } from '../stop-signal.ts';
import { parseUpOptions, upDefaults, type RawUpOptions } from '../up/options.ts';

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('bring up a supercluster on this machine and keep it up until Ctrl-C')
    .option('--demo', 'tell the story of a commit that becomes running actors')
    .option('--once', 'with --demo: tell the whole story, then stop; exit code 0 when every step held')
    .option('--json', 'with --demo: the summary as one line of JSON on stdout')
    .option('--state <folder>', 'where everything is kept', upDefaults.state)
    .option('--rest-port <port>', 'port of the REST API; a free one when absent')
    .option(
      '--clusters <clusters...>',
      'embedded ones as a list, hub first; or those that are there already: a kubeconfig each, ' +
        '[NAME[:REGION]=]FILE[#CONTEXT], hub first',
      [...upDefaults.clusters],
    )
    .option('--hosts-per-cluster <n>', 'hosts of each member', upDefaults.hostsPerCluster)
    .option('--map-ports', 'give hosts ports of 127.0.0.1 instead of loopback addresses of their own')
    .option(
      '--leaf',
      "give each member a NATS server of its own, a leaf of the hub's: calls stay in a member where they can",
    )
    .action(async (raw: RawUpOptions) => {
      const { runUp } = await import('../up/run.ts');
      const options = parseUpOptions(raw, process.cwd());
      process.exitCode = (await runUp(options, stopSignal())) ? 0 : 1;
    });
}
