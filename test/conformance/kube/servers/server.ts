/** A Kubernetes API server that the suite can ask. */
export interface KubeServerUnderTest {
  readonly name: 'embedded' | 'real';
  /** `https://host:port` */
  readonly url: string;
  readonly caPem: string;
  /** A file for kubectl, as the administrator. */
  readonly kubeconfig: string;
  readonly tokens: Readonly<Record<'admin' | 'viewer' | 'nobody', string>>;
  /** Whether namespaces end, garbage is collected, and namespaces get a default ServiceAccount and the CA. */
  readonly hasControllers: boolean;
  close(): Promise<void>;
}

/** Users that both servers know by their token, besides the administrator. */
export const users = {
  viewer: { token: 'viewer-token', user: 'viewer', groups: ['viewers'] },
  nobody: { token: 'nobody-token', user: 'nobody', groups: [] },
} as const;
