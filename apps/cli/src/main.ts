import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
import { addApiServerCommand } from './commands/apiserver.ts';
import { addClusterCommand } from './commands/cluster.ts';
import { addHostsCommand } from './commands/hosts.ts';
import { addImportCommand } from './commands/import.ts';
import { addLogsCommand } from './commands/logs.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addRenderCommand } from './commands/render.ts';
import { addUpCommand } from './commands/up.ts';
import { repositoryRoot, version } from './repository.ts';
import { UserError } from './user-error.ts';

// Half of a short command's time would go into compiling what it loads.
enableCompileCache(join(repositoryRoot, 'node_modules', '.cache', 'kasm'));

const program = new Command('kasm')
  .description('wasmCloud and Kubernetes, joined: a supercluster on this machine, and tools for any other.')
  .version(version(), '-v, --version')
  .showHelpAfterError('(kasm --help shows what there is)');

addUpCommand(program);
addApiServerCommand(program);
addHostsCommand(program);
addPlanCommand(program);
addRenderCommand(program);
addClusterCommand(program);
addImportCommand(program);
addLogsCommand(program);
program
  .command('version')
  .description('print the version')
  .action(() => void process.stdout.write(`${version()}\n`));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`kasm: ${error.message}\n`);
  process.exitCode = 1;
}
