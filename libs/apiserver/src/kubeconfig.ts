import { stringify } from 'yaml';

/** A kubeconfig, as YAML, with one cluster, one user known by a token, and the namespace `default`. */
export function kubeconfig(access: {
  readonly clusterName: string;
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}): string {
  const { clusterName, url, caPem, token } = access;
  const user = `${clusterName}-admin`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: clusterName,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user, namespace: 'default' } }],
    'current-context': clusterName,
  });
}
