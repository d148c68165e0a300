import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { isRecord } from './errors.ts';
import type { Credentials, KubeTarget } from './target.ts';

/** Where a kubeconfig comes from. `untrusted` text, a member's Secret for example, may not touch this machine. */
export type KubeconfigSource =
  | { readonly file: string; readonly context?: string }
  | { readonly text: string; readonly untrusted?: boolean; readonly context?: string }
  | { readonly inCluster: true };

/** The kubeconfig is not one, or misses what it needs; `field` says where. */
export class KubeconfigError extends Error {
  override readonly name: string = 'KubeconfigError';
  readonly field: string;

  constructor(field: string, what: string, options?: ErrorOptions) {
    super(`kubeconfig: ${field}: ${what}`, options);
    this.field = field;
  }
}

/** An untrusted kubeconfig asks for something that would run a program, read a file or weaken TLS here. */
export class UnsafeKubeconfigError extends KubeconfigError {
  override readonly name = 'UnsafeKubeconfigError';
}

/** Reads a kubeconfig's current context, or the given one. Throws KubeconfigError naming the field. */
export function loadKubeconfig(source: KubeconfigSource): KubeTarget {
  if ('inCluster' in source) return inCluster(process.env);
  if ('file' in source) return fromText(readText(source.file), source.context, dirname(resolve(source.file)));
  if (source.untrusted !== true) return fromText(source.text, source.context, process.cwd());
  if (source.text.length > untrustedLimit) throw new UnsafeKubeconfigError('.', `is over ${untrustedLimit} characters`);
  return fromText(source.text, source.context, undefined);
}

const untrustedLimit = 1_048_576;

/** @param folder what file names are relative to; undefined for an untrusted text, which may name none */
function fromText(text: string, wanted: string | undefined, folder: string | undefined): KubeTarget {
  const config = parseYaml(text);
  const clusters = entries(config, 'clusters', 'cluster');
  const users = entries(config, 'users', 'user');
  if (folder === undefined) {
    refuseUnsafe(clusters, safeClusterFields);
    refuseUnsafe(users, safeUserFields);
  }
  const contextName = wanted ?? stringAt(config, 'current-context', '');
  if (contextName === undefined) throw new KubeconfigError('current-context', 'is missing');
  const context = find(entries(config, 'contexts', 'context'), contextName, 'contexts');
  const clusterName = stringAt(context.value, 'cluster', context.path);
  if (clusterName === undefined) throw new KubeconfigError(`${context.path}.cluster`, 'is missing');
  const userName = stringAt(context.value, 'user', context.path);
  const namespace = stringAt(context.value, 'namespace', context.path);
  const user = userName === undefined ? undefined : find(users, userName, 'users');
  const impersonated = user && stringAt(user.value, 'as', user.path);
  return {
    ...readCluster(find(clusters, clusterName, 'clusters'), folder),
    credentials: user === undefined ? {} : readUser(user, folder),
    ...(namespace !== undefined && { namespace }),
    ...(impersonated !== undefined && { impersonate: { user: impersonated } }),
  };
}

/** An entry of `clusters`, `users` or `contexts`, with the path that errors name. */
interface Entry {
  readonly name: string;
  readonly path: string;
  readonly value: Record<string, unknown>;
}

const safeClusterFields = new Set(['server', 'certificate-authority-data', 'tls-server-name', 'disable-compression']);
const safeUserFields = new Set(['token', 'username', 'password', 'client-certificate-data', 'client-key-data', 'as']);

/** Only fields known to be safe pass, so that a field of tomorrow is refused until somebody has thought about it. */
function refuseUnsafe(all: readonly Entry[], safe: ReadonlySet<string>): void {
  for (const { path, value } of all) {
    for (const [field, content] of Object.entries(value)) {
      const harmless = safe.has(field) || field === 'extensions' || content === null || content === false;
      if (!harmless) throw new UnsafeKubeconfigError(`${path}.${field}`, 'is not allowed in a kubeconfig from outside');
    }
  }
}

function readCluster({ path, value }: Entry, folder: string | undefined): Omit<KubeTarget, 'credentials'> {
  const server = stringAt(value, 'server', path);
  if (server === undefined || !URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new KubeconfigError(`${path}.server`, 'must be an http or https URL');
  }
  if (value['proxy-url'] !== undefined) throw new KubeconfigError(`${path}.proxy-url`, 'is not supported');
  const ca = pemAt(value, 'certificate-authority', path, folder);
  const serverName = stringAt(value, 'tls-server-name', path);
  return {
    server: server.replace(/\/+$/, ''),
    ...(ca !== undefined && { ca }),
    ...(serverName !== undefined && { serverName }),
    ...(value['insecure-skip-tls-verify'] === true && { skipTlsVerify: true }),
  };
}

function readUser({ path, value }: Entry, folder: string | undefined): Credentials {
  const token = stringAt(value, 'token', path);
  const tokenFile = stringAt(value, 'tokenFile', path);
  const username = stringAt(value, 'username', path);
  const password = stringAt(value, 'password', path);
  const cert = pemAt(value, 'client-certificate', path, folder);
  const key = pemAt(value, 'client-key', path, folder);
  if ((cert === undefined) !== (key === undefined)) {
    throw new KubeconfigError(path, 'client-certificate and client-key must come together');
  }
  const [exec, authProvider] = [value['exec'], value['auth-provider']];
  return {
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && folder !== undefined && { tokenFile: resolve(folder, tokenFile) }),
    ...(username !== undefined && { basic: { username, password: password ?? '' } }),
    ...(cert !== undefined && key !== undefined && { certificate: { cert, key } }),
    ...((isRecord(exec) || isRecord(authProvider)) && { plugin: { exec, authProvider } }),
  };
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What Kubernetes tells every Pod: the API server's address by environment, the rest by files. */
function inCluster(env: NodeJS.ProcessEnv): KubeTarget {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || port === undefined) {
    throw new KubeconfigError('inCluster', 'KUBERNETES_SERVICE_HOST and _PORT are not set: this is no Pod');
  }
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readText(`${serviceAccount}/ca.crt`),
    namespace: readText(`${serviceAccount}/namespace`).trim(),
    credentials: { tokenFile: `${serviceAccount}/token` },
  };
}

function parseYaml(text: string): Record<string, unknown> {
  let config: unknown;
  try {
    config = parse(text);
  } catch (cause) {
    throw new KubeconfigError('.', 'is neither YAML nor JSON', { cause });
  }
  if (!isRecord(config)) throw new KubeconfigError('.', 'is not an object');
  return config;
}

function entries(config: Record<string, unknown>, list: string, part: string): readonly Entry[] {
  const items: unknown = config[list] ?? [];
  if (!Array.isArray(items)) throw new KubeconfigError(list, 'must be a list');
  return items.map((item: unknown, index): Entry => {
    const path = `${list}[${index}]`;
    if (!isRecord(item)) throw new KubeconfigError(path, 'must be an object');
    const name = stringAt(item, 'name', path);
    if (name === undefined) throw new KubeconfigError(`${path}.name`, 'is missing');
    const value = item[part] ?? {};
    if (!isRecord(value)) throw new KubeconfigError(`${path}.${part}`, 'must be an object');
    return { name, path: `${path}.${part}`, value };
  });
}

function find(all: readonly Entry[], name: string, list: string): Entry {
  const found = all.find((entry) => entry.name === name);
  if (found === undefined) throw new KubeconfigError(list, `has no entry named "${name}"`);
  return found;
}

function stringAt(node: Record<string, unknown>, field: string, path: string): string | undefined {
  const value = node[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string')
    throw new KubeconfigError(path === '' ? field : `${path}.${field}`, 'must be a string');
  return value;
}

/** PEM text out of `<field>-data` (base64), or out of the file that `<field>` names. */
function pemAt(
  node: Record<string, unknown>,
  field: string,
  path: string,
  folder: string | undefined,
): string | undefined {
  const data = stringAt(node, `${field}-data`, path);
  const file = stringAt(node, field, path);
  const [source, pem] =
    data !== undefined
      ? [`${field}-data`, Buffer.from(data, 'base64').toString('utf8')]
      : [field, file === undefined || folder === undefined ? undefined : readText(resolve(folder, file))];
  if (pem !== undefined && !pem.includes('-----BEGIN ')) {
    throw new KubeconfigError(`${path}.${source}`, 'does not hold PEM');
  }
  return pem;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KubeconfigError(file, 'cannot be read', { cause });
  }
}
