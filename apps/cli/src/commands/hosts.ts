import { Option, type Command } from 'commander';
import { hostsDefaults, type RawHostsOptions } from '../hosts/raw-options.ts';
import { stopSignal } from '../stop-signal.ts';

const help = `
Hollow hosts run nothing: they register as WasmCloudHosts, renew their Leases, and call what is placed on them Ready
after the start delay, so that thousands of them can be tried on one machine. On Ctrl-C all of them fall silent; their
objects stay. One alone falls silent, and comes back, with

  kubectl annotate wch hollow-7 kasmcloud.io/hollow=Silent
  kubectl annotate wch hollow-7 kasmcloud.io/hollow-

Example: a thousand hosts in each of two members of a running \`kasm up\`

  kasm hosts --hollow 1000 --kubeconfig eu-1=.kasmcloud/kubeconfig#eu-1 us-1=.kasmcloud/kubeconfig#us-1`;

export function addHostsCommand(program: Command): void {
  program
    .command('hosts')
    .description('keep hosts without a runtime in clusters until Ctrl-C, to try out many of them')
    .requiredOption('--hollow <n>', 'how many in each cluster')
    .requiredOption(
      '--kubeconfig <clusters...>',
      'a member cluster each: [NAME=]FILE[#CONTEXT]; NAME begins its host names',
    )
    .option('--name <prefix>', 'what host names begin with where no NAME is given', hostsDefaults.name)
    .option('--labels <k=v,...>', 'labels of every host')
    .option('--lattices <names>', 'lattices to serve; * is all', hostsDefaults.lattices)
    .option(
      '--allocatable <k=v,...>',
      'what may be placed on each, as Kubernetes quantities',
      hostsDefaults.allocatable,
    )
    .option('--interfaces <names>', 'WIT interfaces to offer')
    .addOption(
      new Option('--runtime <runtime>', 'kasmcloud swaps an image in place, wasmcloud stops the old one first')
        .choices(['kasmcloud', 'wasmcloud'])
        .default(hostsDefaults.runtime),
    )
    .option(
      '--start-delay <time>',
      'from the write of an Actor or Provider until it is Ready',
      hostsDefaults.startDelay,
    )
    .option('--failure-rate <share>', 'share of the starts that fail, 0 to 1', hostsDefaults.failureRate)
    .option('--bad-image <images...>', 'images that no host can start')
    .option('--lease <time>', 'a host counts as silent when it did not renew for so long', hostsDefaults.lease)
    .option('--renew <time>', 'how often a host renews; a third of the lease when absent')
    .option('--seed <n>', 'decides which starts fail: the same seed, the same failures', hostsDefaults.seed)
    .addHelpText('after', help)
    .action(async (raw: RawHostsOptions) => {
      const { parseHostsOptions } = await import('../hosts/options.ts');
      const options = parseHostsOptions(raw, process.cwd());
      const stop = stopSignal();
      const { runHollowHosts } = await import('../hosts/run.ts');
      await runHollowHosts(options, stop, (line) => void process.stdout.write(`${line}\n`));
    });
}
