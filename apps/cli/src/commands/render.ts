import { Option, type Command } from 'commander';
import type { RenderOutput } from '../render/run.ts';

interface RenderFlags {
  readonly filename: string[];
  readonly output: RenderOutput;
  readonly namespace?: string;
}

const outputs = ['yaml', 'json'] as const satisfies readonly RenderOutput[];

const list = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export function addRenderCommand(program: Command): void {
  program
    .command('render')
    .description('show the Distributions, Links and ConfigMaps that applications become; nothing is changed')
    .requiredOption('-f, --filename <file>', 'file or folder of manifests, or - for stdin; may be given again', list)
    .addOption(new Option('-o, --output <form>', 'form of the answer').choices(outputs).default('yaml'))
    .option('-n, --namespace <name>', 'namespace of applications that name none: their lattice')
    .addHelpText('after', '\nExit code: 0 rendered, 1 the input is not good: each line says file:line:column.')
    .action(async (flags: RenderFlags) => {
      const { runRender } = await import('../render/run.ts');
      // `kasm render … | head` closes the pipe when it has read enough.
      process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
      });
      process.exitCode = await runRender(
        { files: flags.filename, output: flags.output, namespace: flags.namespace },
        {
          stdin: process.stdin,
          out: (text) => void process.stdout.write(text),
          err: (text) => void process.stderr.write(text),
        },
      );
    });
}
