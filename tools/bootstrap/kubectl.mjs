import { delimiter, join } from 'node:path';
import { isAtLeast } from './servers.mjs';
import { execute } from './steps.mjs';

export const OLDEST_KUBECTL = [1, 30];

/** The path of a kubectl that is new enough: KUBECTL_BIN, then KUBEBUILDER_ASSETS, then PATH. Undefined when there is none. */
export async function findKubectl(env = process.env) {
  const chosen = env.KUBECTL_BIN ? [env.KUBECTL_BIN] : [];
  const folders = [env.KUBEBUILDER_ASSETS, ...(env.PATH ?? '').split(delimiter)].filter(Boolean);
  for (const path of [...chosen, ...folders.map((folder) => join(folder, 'kubectl'))]) {
    const { code, output } = await execute(path, ['version', '--client', '--output=json']);
    if (code !== 0) continue;
    const said = /"gitVersion":\s*"v(\d+)\.(\d+)/.exec(output);
    if (said !== null && isAtLeast([Number(said[1]), Number(said[2])], OLDEST_KUBECTL)) return path;
  }
  return undefined;
}
