import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goModule, linkerFlags, mainPackages } from './go-module.ts';
import { kubernetesVersion, programs } from './pinned.ts';
import { UnavailableError } from './unavailable-error.ts';

/** Packages compiled at once: the build is long, and other work on the machine should go on. */
const PARALLEL = 2;

/** Builds the programs from their Go modules into `folder`: about twenty minutes on two cores the first time. */
export async function build(folder: string, tell: (line: string) => void): Promise<void> {
  const go = findGo();
  const module = await mkdtemp(join(tmpdir(), 'kube-assets-'));
  try {
    await writeModule(go, module);
    await mkdir(folder, { recursive: true });
    for (const program of programs) {
      tell(`building ${program} with Go`);
      const flags = ['-trimpath', `-ldflags=${linkerFlags()}`, '-o', join(folder, program)];
      await run(go, module, ['build', ...flags, mainPackages[program]]);
    }
  } finally {
    await rm(module, { recursive: true, force: true });
  }
}

function findGo(): string {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/go/bin'];
  const go = folders.map((folder) => join(folder, 'go')).find((path) => existsSync(path));
  if (go === undefined) throw new UnavailableError('there is no Go to build with, on PATH or in /usr/local/go/bin');
  return go;
}

async function writeModule(go: string, module: string): Promise<void> {
  const kubernetes = `k8s.io/kubernetes@v${kubernetesVersion}`;
  let said: string;
  try {
    const download = promisify(execFile)(go, ['mod', 'download', '-json', kubernetes], { cwd: module });
    said = (await download).stdout;
  } catch (error) {
    throw new UnavailableError(`the Go module ${kubernetes} cannot be downloaded`, { cause: error });
  }
  const { GoMod: file } = JSON.parse(said) as { GoMod: string };
  await writeFile(join(module, 'go.mod'), goModule(await readFile(file, 'utf8')));
}

/** Runs Go at the lowest priority; what it says goes to stderr. */
async function run(go: string, module: string, args: readonly string[]): Promise<void> {
  const flags = `-mod=mod -buildvcs=false -p=${PARALLEL}`;
  const child = spawn('nice', ['-n', '19', go, ...args], {
    cwd: module,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, GOFLAGS: flags, CGO_ENABLED: '0' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new UnavailableError(`go ${args[0]} ended with ${code}; what it said is above`);
}
