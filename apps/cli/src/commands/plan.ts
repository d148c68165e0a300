import { Option, type Command } from 'commander';
import type { Output } from '../plan/run.ts';

interface PlanFlags {
  readonly filename: string[];
  readonly output: Output;
  readonly explain?: string;
  readonly rebalance?: boolean;
  readonly lost?: string[];
}

const outputs = ['table', 'json', 'yaml'] as const satisfies readonly Output[];

const list = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('show what would be placed where, and why, from manifests alone; nothing is changed')
    .requiredOption('-f, --filename <file>', 'file or folder of manifests, or - for stdin; may be given again', list)
    .addOption(new Option('-o, --output <form>', 'form of the answer').choices(outputs).default('table'))
    .option('--explain <namespace/name>', 'explain one distribution: why here, why not there, what would help')
    .option('--rebalance', 'also move what could stay, where that is better')
    .option('--lost <what>', 'take host/NAME, host/CLUSTER/NAME or cluster/NAME as lost; may be given again', list)
    .addHelpText('after', '\nExit code: 0 everything has a place, 2 something has none, 1 the input is not good.')
    .action(async (flags: PlanFlags) => {
      const { runPlan } = await import('../plan/run.ts');
      // `kasm plan … | head` closes the pipe when it has read enough: that is no failure of the plan.
      process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
      });
      process.exitCode = await runPlan(
        {
          files: flags.filename,
          output: flags.output,
          rebalance: flags.rebalance === true,
          lost: flags.lost ?? [],
          ...(flags.explain !== undefined && { explain: flags.explain }),
        },
        {
          stdin: process.stdin,
          out: (text) => void process.stdout.write(text),
          err: (text) => void process.stderr.write(text),
        },
      );
    });
}
