import type { Command } from 'commander';
import { stopSignal } from '../stop-signal.ts';

interface WadmFlags {
  readonly nats: string;
  readonly creds?: string;
  readonly jsDomain?: string;
  readonly lattice: string;
  readonly rest: string;
  readonly token?: string;
  readonly dryRun?: boolean;
}

export function addImportCommand(program: Command): void {
  const from = program.command('import').description('take over what other programs manage');
  from
    .command('wadm')
    .description("take over a lattice's applications from wasmCloud's wadm, while what runs goes on")
    .option('--nats <url>', 'NATS server that wadm uses', 'nats://127.0.0.1:4222')
    .option('--creds <file>', 'NATS credentials file')
    .option('--js-domain <name>', "JetStream domain of wadm's buckets")
    .requiredOption('-x, --lattice <name>', 'lattice: a namespace of the hub that is labelled as one')
    .requiredOption('--rest <url>', 'REST API of the scheduler')
    .option('--token <token>', 'bearer token for the REST API; $KASMCLOUD_TOKEN when absent')
    .option('--dry-run', 'only tell what there is')
    .addHelpText(
      'after',
      '\nwadm may go on running meanwhile: its manifests and ids are kept, nothing is undeployed. Stop it when all is taken\n' +
        'over, and the wadm API is served here. Exit code: 0 all taken over, 1 something was refused, and why.',
    )
    .action(async ({ nats, creds, jsDomain, lattice, rest, token, dryRun = false }: WadmFlags) => {
      const { runImport } = await import('../import/run.ts');
      const target = { url: rest, token: token ?? process.env['KASMCLOUD_TOKEN'] };
      const options = { natsUrl: nats, credentials: creds, domain: jsDomain, lattice, rest: target, dryRun };
      const isGood = await runImport(options, (line) => void process.stdout.write(`${line}\n`), stopSignal());
      process.exitCode = isGood ? 0 : 1;
    });
}
