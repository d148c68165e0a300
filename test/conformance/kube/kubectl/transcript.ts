import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeServerUnderTest } from '../servers/server.ts';

const COMMAND_MS = 60_000;

/** One command as a user sees it: what was asked, what came, and how it ended. */
export interface Told {
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Adds a line, as a user with an editor would. */
const editor = `#!/bin/sh
sed 's/second: line/second: edited/' "$1" > "$1.new" && mv "$1.new" "$1"
`;

export async function commands(): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, 'commands.txt'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** Runs all commands one after the other against `server`, in a folder and with a home of their own. */
export async function transcript(kubectl: string, server: KubeServerUnderTest): Promise<readonly Told[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
  try {
    await cp(join(import.meta.dirname, 'files'), folder, { recursive: true });
    await cp(server.kubeconfig, join(folder, 'kubeconfig'));
    await writeFile(join(folder, 'editor'), editor);
    await chmod(join(folder, 'editor'), 0o755);
    const told: Told[] = [];
    for (const command of await commands()) told.push(normal(await run(kubectl, folder, command), server));
    return told;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(kubectl: string, folder: string, command: string): Promise<Told> {
  const { promise, resolve } = Promise.withResolvers<Told>();
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    KUBECONFIG: join(folder, 'kubeconfig'),
    KUBE_EDITOR: join(folder, 'editor'),
  };
  const child = execFile(
    kubectl,
    command.split(' '),
    { cwd: folder, env, timeout: COMMAND_MS },
    (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ command, exitCode, stdout, stderr });
    },
  );
  child.stdin?.end();
  return promise;
}

/** Replaces what differs from run to run, in the order given. */
const masks: readonly (readonly [RegExp, string])[] = [
  // The client's own log, which depends on the moment.
  [/^[EIW]\d{4} \d\d:\d\d:\d\d\.\d+ .*\n/gm, ''],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+0000 UTC|Z)?/g, '<time>'],
  [/(resourceVersion"?: "?)\d+/g, '$1<rv>'],
  [/\/tmp\/[^\s"']+/g, '<file>'],
  [/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g, '<certificate>'],
  [/\b\d+(s|m|m\d+s)(?= |$)/gm, '<age>'],
  [/\b10(\.\d{1,3}){3}\b/g, '<ip>'],
  [/ +$/gm, ''],
  // Columns are as wide as their widest value, which may be masked.
  [/ {2,}/g, '  '],
];

function normal({ stdout, stderr, ...rest }: Told, server: KubeServerUnderTest): Told {
  const clean = (text: string): string =>
    masks
      .reduce((masked, [pattern, name]) => masked.replaceAll(pattern, name), text)
      .replaceAll(server.url, '<server>')
      .replaceAll(new URL(server.url).host, '<server>');
  return { ...rest, stdout: clean(stdout), stderr: clean(stderr) };
}
