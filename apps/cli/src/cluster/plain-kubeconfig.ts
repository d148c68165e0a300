import type { KubeTarget } from '@kasmcloud/kube';
import { stringify } from 'yaml';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig of one cluster that carries everything itself. */
export function plainKubeconfig(
  name: string,
  { server, ca, serverName, skipTlsVerify, credentials, impersonate }: KubeTarget,
): string {
  const { token, basic, certificate } = credentials;
  const cluster = {
    server,
    ...(ca !== undefined && { 'certificate-authority-data': base64(ca) }),
    ...(serverName !== undefined && { 'tls-server-name': serverName }),
    ...(skipTlsVerify === true && { 'insecure-skip-tls-verify': true }),
  };
  const user = {
    ...(token !== undefined && { token }),
    ...basic,
    ...(certificate !== undefined && {
      'client-certificate-data': base64(certificate.cert),
      'client-key-data': base64(certificate.key),
    }),
    ...(impersonate !== undefined && { as: impersonate.user }),
  };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
