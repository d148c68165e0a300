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
  readonly wait: string;
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
    .option('--deploy', 'deploy what wadm has deployed, which takes over what runs; only when wadm is stopped')
    .option('--wait <duration>', 'with --deploy: how long to wait until wadm is stopped, such as 10m', '0s')
    .option('--dry-run', 'only tell what there is')
    .addHelpText(
      'after',
      "\nwadm's store is read, never written. Without --deploy wadm may go on running. To take over what it runs, with no\n" +
        'restart: start this with --deploy --wait 10m, and stop wadm while it waits; undeploy nothing. Exit code: 0 all taken\n' +
        'over, 1 something was refused or left to wadm, and why.',
    )
    .action(
      async ({ nats, creds, jsDomain, lattice, rest, token, deploy = false, wait, dryRun = false }: WadmFlags) => {
        const { runImport } = await import('../import/run.ts');
        const { durationOption } = await import('../duration-option.ts');
        const target = { url: rest, token: token ?? process.env['KASMCLOUD_TOKEN'] };
        const options = {
          natsUrl: nats,
          credentials: creds,
          domain: jsDomain,
          lattice,
          rest: target,
          deploy,
          waitMs: durationOption('--wait', wait, 0),
          dryRun,
        };
        const isGood = await runImport(options, (line) => void process.stdout.write(`${line}\n`), stopSignal());
        process.exitCode = isGood ? 0 : 1;
      },
    );
}
