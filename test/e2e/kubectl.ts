import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const OLDEST_MINOR = 30;

/** A kubectl of 1.30 or newer: KUBECTL_BIN, then KUBEBUILDER_ASSETS, then PATH. Undefined when there is none. */
export const kubectlPath: string | undefined = find();

function find(): string | undefined {
  const { KUBECTL_BIN: chosen, KUBEBUILDER_ASSETS: assets } = process.env;
  const candidates = [chosen, assets === undefined ? undefined : join(assets, 'kubectl'), 'kubectl'];
  return candidates.find((path) => path !== undefined && path !== '' && isNewEnough(path));
}

function isNewEnough(path: string): boolean {
  try {
    const said = execFileSync(path, ['version', '--client', '--output=json'], { encoding: 'utf8' });
    const minor = /"gitVersion":\s*"v1\.(\d+)/.exec(said)?.[1];
    return Number(minor) >= OLDEST_MINOR;
  } catch {
    return false;
  }
}

/** Runs kubectl and resolves with its stdout; rejects with its stderr. `input` is what `-f -` reads. */
export async function kubectl(kubeconfig: string, args: readonly string[], input?: string): Promise<string> {
  const running = promisify(execFile)(kubectlPath ?? 'kubectl', ['--kubeconfig', kubeconfig, ...args], {
    timeout: 30_000,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}
