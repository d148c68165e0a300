import { expect, it } from 'vitest';
import { goModule, linkerFlags } from './go-module.ts';

const kubernetes = `module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kubectl => ./staging/src/k8s.io/kubectl
)
`;

it('replaces every staging module by its published version', () => {
  expect(goModule(kubernetes).split('\n')).toEqual([
    'module kasmcloud.io/kube-assets',
    'go 1.26.0',
    'godebug default=go1.26',
    'require k8s.io/kubernetes v1.36.3',
    'require go.etcd.io/etcd/server/v3 v3.6.8',
    'replace k8s.io/api => k8s.io/api v0.36.3',
    'replace k8s.io/kubectl => k8s.io/kubectl v0.36.3',
    '',
  ]);
});

it('refuses a go.mod that is not the one of Kubernetes', () => {
  expect(() => goModule('module example.com\n\ngo 1.26.0\n')).toThrow('names no staging module');
});

it('tells the program its version', () => {
  expect(linkerFlags()).toContain('-X k8s.io/component-base/version.gitVersion=v1.36.3');
});
