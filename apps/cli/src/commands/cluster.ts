import { Option, type Command } from 'commander';
import type { JoinFlags } from '../cluster/join.ts';
import type { ClusterOutput } from '../cluster/list.ts';
import type { HubFlags } from '../cluster/hub.ts';
import type { WaitFlags } from '../cluster/waiting.ts';
import { stopSignal } from '../stop-signal.ts';

const outputs = ['table', 'json', 'yaml'] as const satisfies readonly ClusterOutput[];
const secretUses = ['Carry', 'Local'] as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export function addClusterCommand(program: Command): void {
  const cluster = program
    .command('cluster')
    .description('join clusters to a supercluster, take them out of use, and let them leave');

  /** A command on the hub. */
  const onHub = (words: string, description: string): Command =>
    cluster
      .command(words)
      .description(description)
      .option('--kubeconfig <file>', 'kubeconfig of the hub; $KUBECONFIG or ~/.kube/config when absent')
      .option('--context <name>', 'context of the hub in that kubeconfig; the current one when absent');

  onHub('join <name>', 'make a cluster a member, or give a member new credentials')
    .option('--cluster-kubeconfig <file>', 'kubeconfig of the member, with its credentials in it')
    .option('--cluster-context <name>', 'context of the member in that kubeconfig; the current one when absent')
    .option('--in-cluster', 'the hub itself is this member')
    .option('--install', 'put our resource definitions, roles and an account of its own into the member first')
    .option(
      '--lattices <names>',
      'with --install: lattices whose ConfigMaps and Secrets that account may write, as a,b',
    )
    .option('--region <name>', 'region of its hosts')
    .option('--zone <name>', 'zone of its hosts')
    .option('--labels <labels>', 'labels that its hosts get for placement, as key=value,key=value')
    .addOption(new Option('--secrets <use>', 'carry Secrets from the hub, or expect them there').choices(secretUses))
    .addHelpText(
      'after',
      '\nKubeconfigs that run programs (exec, auth-provider), name files or skip TLS verification are refused.\n' +
        'Example: kasm cluster join eu-1 --cluster-kubeconfig eu-1.yaml --region eu --install --lattices shop',
    )
    .action(async (name: string, flags: JoinFlags) => {
      const { join } = await import('../cluster/join.ts');
      await join(name, flags, say, stopSignal());
    });

  onHub('leave <name>', 'let a member go: what runs there moves to other clusters first, within its budgets')
    .option('--now', 'do not wait: what runs there goes on and is nobody’s any more, and is replaced elsewhere')
    .option('--no-wait', 'return at once; the member goes when it is empty')
    .option('--timeout <seconds>', 'how long to wait', '600')
    .action(async (name: string, flags: HubFlags & WaitFlags & { readonly now?: boolean }) => {
      const { leave } = await import('../cluster/use.ts');
      await leave(name, flags, say, stopSignal());
    });

  const uses = [
    { word: 'cordon', use: 'Cordoned', description: 'place nothing new in a member; what runs there goes on' },
    { word: 'uncordon', use: 'InUse', description: 'use a member again that was cordoned or drained' },
  ] as const;
  for (const { word, use, description } of uses)
    onHub(`${word} <name>`, description).action(async (name: string, flags: HubFlags) => {
      const { setUse } = await import('../cluster/use.ts');
      await setUse(name, use, flags, say, stopSignal());
    });

  onHub('drain <name>', 'cordon a member, and move away what runs there, within its budgets')
    .option('--no-wait', 'return at once')
    .option('--timeout <seconds>', 'how long to wait until it is empty', '600')
    .action(async (name: string, flags: HubFlags & WaitFlags) => {
      const { drain } = await import('../cluster/use.ts');
      await drain(name, flags, say, stopSignal());
    });

  onHub('list', 'show the members: whether they answer, are ready, and how many hosts they have')
    .addOption(new Option('-o, --output <form>', 'form of the answer').choices(outputs).default('table'))
    .action(async (flags: HubFlags & { readonly output: ClusterOutput }) => {
      const { list } = await import('../cluster/list.ts');
      await list(flags, say, stopSignal());
    });
}
