/** The one Kubernetes version that the conformance suite compares with, and the etcd that its go.mod names. */
export const kubernetesVersion = '1.36.3';
export const etcdVersion = '3.6.8';

/** The staging modules of k8s.io/kubernetes are published beside it as v0.x.y. */
export const stagingVersion = kubernetesVersion.replace(/^1/, '0');

/** What a folder named by KUBEBUILDER_ASSETS holds by convention. */
export const envtestPrograms = ['etcd', 'kube-apiserver', 'kubectl'] as const;

/** All that the suite can use: the controller manager ends namespaces, collects garbage, makes default ServiceAccounts. */
export const programs = [...envtestPrograms, 'kube-controller-manager'] as const;
export type Program = (typeof programs)[number];
