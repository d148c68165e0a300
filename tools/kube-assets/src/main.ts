/**
 * Gets kube-apiserver, etcd, kube-controller-manager and kubectl of the pinned Kubernetes version, and prints the folder
 * as a line for the shell: `export KUBEBUILDER_ASSETS=…`. Progress is told on stderr. Exit code 69: not available here.
 */
import { cacheFolder, presentAssets } from './folder.ts';
import { build } from './go-build.ts';
import { kubernetesVersion } from './pinned.ts';
import { download } from './release.ts';
import { UnavailableError } from './unavailable-error.ts';

/** EX_UNAVAILABLE of sysexits.h. */
const NOT_AVAILABLE = 69;

const tell = (line: string): void => void process.stderr.write(`kube-assets: ${line}\n`);

const folder = presentAssets() ?? (await getAssets());
if (folder === undefined) {
  tell(`the programs of Kubernetes ${kubernetesVersion} are not available`);
  process.exitCode = NOT_AVAILABLE;
} else {
  process.stdout.write(`export KUBEBUILDER_ASSETS='${folder}'\n`);
}

async function getAssets(): Promise<string | undefined> {
  const chosen = process.env['KUBEBUILDER_ASSETS'] ?? '';
  if (chosen !== '') {
    tell(`KUBEBUILDER_ASSETS is ${chosen}, which lacks a program: unset it, or complete the folder`);
    return undefined;
  }
  const target = cacheFolder();
  for (const get of [download, build]) {
    try {
      await get(target, tell);
      return target;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      tell(error.message);
    }
  }
  return undefined;
}
