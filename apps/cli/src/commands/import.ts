import type { Command } from 'commander';
import { stopSignal } from '../stop-signal.ts';

interface WadmFlags {
  readonly nats: string;
  readonly creds?: string;
  readonly jsDomain?: string;
  readonly lattice: string;
  readonly rest: string;
  readonly token?: string;
  readonly deploy?: boolean;
  readonly dryRun?: boolean;
}

export function addImportCommand(program: Command): void {
  const from = program.command('import').description('take over what other programs manage');
  from
    .command('wadm')
    .description("take over the versions of a lattice's applications from wasmCloud's wadm")
    .option('--nats <url>', 'NATS server that wadm uses', 'nats://127.0.0.1:4222')
    .option('--creds <file>', 'NATS credentials file')
    .option('--js-domain <name>', "JetStream domain of wadm's buckets")
    .requiredOption('-x, --lattice <name>', 'lattice: a namespace of the hub that is labelled as one')
    .requiredOption('--rest <url>', 'REST API of the scheduler')
    .option('--token <token>', 'bearer token for the REST API; $KASMCLOUD_TOKEN when absent')
    .option('--deploy', 'deploy what wadm has deployed: end it in wadm first, or it runs twice')
    .option('--dry-run', 'only tell what there is')
    .addHelpText(
      'after',
      "\nwadm's store is read, never written, and wadm may go on running. Exit code: 0 all taken over, 1 something was\n" +
        'refused, and why.',
    )
    .action(async ({ nats, creds, jsDomain, lattice, rest, token, deploy = false, dryRun = false }: WadmFlags) => {
      const { runImport } = await import('../import/run.ts');
      const target = { url: rest, token: token ?? process.env['KASMCLOUD_TOKEN'] };
      const options = { natsUrl: nats, credentials: creds, domain: jsDomain, lattice, rest: target, deploy, dryRun };
      const isGood = await runImport(options, (line) => void process.stdout.write(`${line}\n`), stopSignal());
      process.exitCode = isGood ? 0 : 1;
    });
}
