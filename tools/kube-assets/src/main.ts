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

const present = presentAssets();
const got = present === undefined ? await getAssets() : { folder: present };
if ('folder' in got) {
  process.stdout.write(`export KUBEBUILDER_ASSETS='${got.folder}'\n`);
} else {
  tell(`the programs of Kubernetes ${kubernetesVersion} are not available: ${got.reason}`);
  process.exitCode = NOT_AVAILABLE;
}

async function getAssets(): Promise<{ folder: string } | { reason: string }> {
  const chosen = process.env['KUBEBUILDER_ASSETS'] ?? '';
  if (chosen !== '') {
    return { reason: `KUBEBUILDER_ASSETS is ${chosen}, which lacks a program: unset it, or complete the folder` };
  }
  const target = cacheFolder();
  const reasons: string[] = [];
  for (const get of [download, build]) {
    try {
      await get(target, tell);
      return { folder: target };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      reasons.push(error.message);
      tell(error.message);
    }
  }
  return { reason: reasons.join('; ') };
}
