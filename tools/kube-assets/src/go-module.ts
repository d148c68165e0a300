import { etcdVersion, kubernetesVersion, stagingVersion, type Program } from './pinned.ts';

/** Where the main package of each program is. */
export const mainPackages: Readonly<Record<Program, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};

/**
 * The go.mod of a module that requires Kubernetes as a library. Kubernetes' own go.mod replaces its staging modules by
 * folders of its repository; here their published versions stand in.
 */
export function goModule(kubernetesGoMod: string): string {
  const staging = [...kubernetesGoMod.matchAll(/^\s*(\S+) => \.\/staging\//gm)].map(([, name]) => name);
  const language = /^go .*$/m.exec(kubernetesGoMod)?.[0];
  const defaults = /^godebug .*$/m.exec(kubernetesGoMod)?.[0] ?? '';
  if (staging.length === 0 || language === undefined) {
    throw new Error(`the go.mod of k8s.io/kubernetes v${kubernetesVersion} names no staging module or no go version`);
  }
  return [
    'module kasmcloud.io/kube-assets',
    language,
    defaults,
    `require k8s.io/kubernetes v${kubernetesVersion}`,
    `require go.etcd.io/etcd/server/v3 v${etcdVersion}`,
    ...staging.map((name) => `replace ${name} => ${name} v${stagingVersion}`),
    '',
  ].join('\n');
}

/** Linker flags that strip the program and tell it its version, as the release build does. */
export function linkerFlags(): string {
  const [major, minor] = kubernetesVersion.split('.');
  const told = [`gitVersion=v${kubernetesVersion}`, `gitMajor=${major}`, `gitMinor=${minor}`, 'gitTreeState=clean'];
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  return ['-s', '-w', ...packages.flatMap((name) => told.map((value) => `-X ${name}.${value}`))].join(' ');
}
