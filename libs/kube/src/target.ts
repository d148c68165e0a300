/** How a client proves who it is. More than one can be set: a certificate for TLS and a token for each request. */
export interface Credentials {
  readonly token?: string;
  /** A file whose token changes over time, as Kubernetes projects it into Pods. */
  readonly tokenFile?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  /** PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** The `user` entry of a trusted kubeconfig that runs a program or a provider to get credentials. */
  readonly plugin?: CredentialPlugin;
}

export interface CredentialPlugin {
  readonly exec?: unknown;
  readonly authProvider?: unknown;
}

/** Another identity that the API server is asked to act as. Needs the right `impersonate`. */
export interface Impersonation {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  /** As a TokenReview tells it: scopes that narrow the user's rights are among them. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Where one cluster's API server is, how it is trusted, and how it trusts us. */
export interface KubeTarget {
  /** `https://host:port`, with a path when the server lives below one; `http:` for tests and proxies on loopback. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate; the system's when absent. */
  readonly ca?: string;
  /** The name in the server's certificate, where it is not the host of `server`. */
  readonly serverName?: string;
  /** Takes any certificate. Only a trusted kubeconfig can ask for it. */
  readonly skipTlsVerify?: boolean;
  /** The namespace of the kubeconfig's context. */
  readonly namespace?: string;
  readonly credentials: Credentials;
  readonly impersonate?: Impersonation;
}
