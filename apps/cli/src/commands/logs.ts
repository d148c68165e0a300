import type { Command } from 'commander';
import type { RawLogsOptions } from '../logs/options.ts';
import { stopSignal } from '../stop-signal.ts';

const help = `
ACTOR is the id of the actor in its lattice. Hosts keep the last lines of each actor that they run, at most 1,000 or
128 KiB, and are asked over NATS: who may use the lattice may read its logs.

Examples:
  kasm logs http-hello -n hello            what it logged on every host
  kasm logs http-hello -n hello -f         and what it logs from now on
  kasm logs web -n shop --cluster eu-1 --since 5m --tail 100 --prefix
  kasm logs web -n shop --nats-url nats://nats.example.com:4222`;

export function addLogsCommand(program: Command): void {
  program
    .command('logs')
    .description('print what an actor logs on every host of its lattice')
    .argument('<actor>', 'id of the actor')
    .option('-f, --follow', 'go on with what it logs from now on, until Ctrl-C')
    .option('--since <time>', 'only lines that are not older, such as 10s, 5m or 1h')
    .option('--tail <lines>', 'only so many of the last lines; -1 is all')
    .option('-n, --namespace <lattice>', 'lattice of the actor', 'hello')
    .option('--cluster <name>', 'only hosts of this member')
    .option('--timestamps', 'begin each line with its time')
    .option('--prefix', 'begin each line with its cluster, host and request')
    .option('--json', 'one JSON object a line')
    .option('--nats-url <url>', 'NATS server of the lattice; that of the running `kasm up` when absent')
    .option('--state <folder>', 'state folder of that `kasm up`', '.kasmcloud')
    .addHelpText('after', help)
    .action(async (actor: string, raw: RawLogsOptions) => {
      const { parseLogsOptions } = await import('../logs/options.ts');
      const options = parseLogsOptions(actor, raw);
      const { natsUrlOf } = await import('../logs/nats-url.ts');
      const url = await natsUrlOf(raw, process.cwd());
      const { printLogs } = await import('../logs/run.ts');
      await printLogs(url, options, (line) => void process.stdout.write(`${line}\n`), stopSignal());
    });
}
