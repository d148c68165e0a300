import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { systemClock } from '@kasmcloud/reconcile';
import type { CredentialPlugin, KubeTarget } from './target.ts';

/** What one request needs: a header, and a certificate for the connection it goes over. */
export interface Proof {
  readonly authorization?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Gives the credentials that are right now; called before every request, so it must be cheap. */
export type CredentialSource = () => Proof | Promise<Proof>;

export function credentialSource({ server, credentials }: KubeTarget): CredentialSource {
  const { token, tokenFile, basic, certificate, plugin } = credentials;
  if (plugin !== undefined) return fromPlugin(server, plugin);
  const tls = certificate === undefined ? {} : { certificate };
  if (tokenFile !== undefined) {
    const read = rereadEvery(60_000, tokenFile);
    return async () => ({ ...tls, authorization: `Bearer ${await read()}` });
  }
  if (token !== undefined) return always({ ...tls, authorization: `Bearer ${token}` });
  if (basic === undefined) return always(tls);
  const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
  return always({ ...tls, authorization: `Basic ${pair}` });
}

function always(proof: Proof): CredentialSource {
  return () => proof;
}

/** Kubernetes renews a projected token long before it ends, so a token of the last minute is always good. */
function rereadEvery(ms: number, file: string): () => Promise<string> {
  let readAt = Number.NEGATIVE_INFINITY;
  let token = Promise.resolve('');
  return () => {
    const now = systemClock.steady();
    if (now - readAt < ms) return token;
    readAt = now;
    token = readFile(file, 'utf8').then((text) => text.trim());
    // A failed read is tried again by the next request.
    token.catch(() => (readAt = Number.NEGATIVE_INFINITY));
    return token;
  };
}

/**
 * Credentials from a program or provider, the way `@kubernetes/client-node` gets, keeps and renews them. It is loaded
 * only here, because it costs half a second and 80 MB, and most processes never need it.
 */
function fromPlugin(server: string, plugin: CredentialPlugin): CredentialSource {
  const config = import('@kubernetes/client-node').then(({ KubeConfig }) => {
    const loaded = new KubeConfig();
    const user = { name: 'user', exec: plugin.exec, authProvider: plugin.authProvider };
    // Only credentials are asked of it: it never opens a connection, so what it would check there does not matter.
    loaded.loadFromClusterAndUser({ name: 'cluster', server, skipTLSVerify: true }, user);
    return loaded;
  });
  // Told to the first request that needs it, not to the process.
  config.catch(() => undefined);
  return async () => {
    const options: RequestOptions = { headers: {} };
    await (await config).applyToHTTPSOptions(options);
    const authorization: unknown = Reflect.get(options.headers ?? {}, 'Authorization');
    const { cert, key } = options;
    return {
      ...(typeof authorization === 'string' && { authorization }),
      ...(typeof cert === 'string' && typeof key === 'string' && { certificate: { cert, key } }),
    };
  };
}
