import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort, LaunchedProgram, LaunchError } from './launched-program.ts';

export interface DockerRegistry {
  /** `127.0.0.1:<port>`, as references begin. */
  readonly host: string;
  /** Pushes one layer under a tag, as `wash push` does. Resolves with the digest of the manifest. */
  push(repository: string, tag: string, layer: Uint8Array, mediaType?: string): Promise<string>;
  /** Pushes a blob. */
  pushBlob(repository: string, bytes: Uint8Array): Promise<{ readonly digest: string; readonly size: number }>;
  /** Pushes a manifest or an index, as it is, under a tag or its digest. Resolves with its digest. */
  pushManifest(repository: string, reference: string, mediaType: string, manifest: string): Promise<string>;
  /** Ends the process; data stays until `close`. */
  stop(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

/** A bcrypt line of `htpasswd` for user `kasm` with password `secret`. */
export const registryUser = {
  username: 'kasm',
  password: 'secret',
  htpasswd: 'kasm:$2b$04$TfKu0F.cvPYyBPHX7giIneWjuhZt.Cm4K9O5FxfFvsZN.S9zhRVme',
} as const;

/**
 * A real docker-registry in plain HTTP on a free port of 127.0.0.1, or undefined where the program is not installed. The
 * program is `DOCKER_REGISTRY_BIN`, or the `docker-registry` of the system. With `users` it asks for `registryUser`.
 */
export async function startDockerRegistry(
  options: { readonly users?: boolean } = {},
): Promise<DockerRegistry | undefined> {
  const program = registryProgram();
  if (program === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'kasm-registry-'));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  await writeFile(join(folder, 'htpasswd'), `${registryUser.htpasswd}\n`);
  await writeFile(join(folder, 'config.yml'), configuration(folder, host, options.users === true));
  const launch = (): Promise<LaunchedProgram> =>
    LaunchedProgram.start({
      program,
      args: ['serve', join(folder, 'config.yml')],
      ready: () => answers(host),
    });
  let running = await launch();
  const at = (repository: string): Pusher => pusher(`http://${host}/v2/${repository}`, options.users === true);
  return {
    host,
    push: (repository, tag, layer, mediaType = 'application/wasm') => at(repository).push(tag, layer, mediaType),
    pushBlob: (repository, bytes) => at(repository).blob(bytes),
    pushManifest: (repository, reference, mediaType, manifest) =>
      at(repository).manifest(reference, mediaType, manifest),
    stop: () => running.stop(),
    restart: async () => {
      await running.stop();
      running = await launch();
    },
    close: async () => {
      await running.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function registryProgram(): string | undefined {
  try {
    return findProgram('docker-registry', 'DOCKER_REGISTRY_BIN');
  } catch (error) {
    if (error instanceof LaunchError) return undefined;
    throw error;
  }
}

const configuration = (folder: string, host: string, users: boolean): string =>
  JSON.stringify({
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: host },
    ...(users && { auth: { htpasswd: { realm: 'kasm', path: join(folder, 'htpasswd') } } }),
  });

interface Pusher {
  blob(bytes: Uint8Array): Promise<{ digest: string; size: number }>;
  manifest(reference: string, mediaType: string, manifest: string): Promise<string>;
  push(tag: string, layer: Uint8Array, mediaType: string): Promise<string>;
}

const pusher = (base: string, users: boolean): Pusher => {
  const basic = Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64');
  const authorization = users ? { authorization: `Basic ${basic}` } : undefined;
  const send = async (
    url: string,
    method: string,
    type: string,
    body: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> => {
    const response = await fetch(url, { method, body, headers: { ...authorization, 'content-type': type } });
    if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${await response.text()}`);
    return response;
  };
  const blob: Pusher['blob'] = async (bytes) => {
    const digest = sha256(bytes);
    const opened = await send(`${base}/blobs/uploads/`, 'POST', 'application/octet-stream', '');
    const location = new URL(opened.headers.get('location') ?? '', base);
    location.searchParams.set('digest', digest);
    await send(location.href, 'PUT', 'application/octet-stream', Uint8Array.from(bytes));
    return { digest, size: bytes.length };
  };
  const manifest: Pusher['manifest'] = async (reference, mediaType, text) => {
    await send(`${base}/manifests/${reference}`, 'PUT', mediaType, text);
    return sha256(Buffer.from(text));
  };
  return {
    blob,
    manifest,
    push: async (tag, layer, mediaType) => {
      const config = await blob(Buffer.from('{"architecture":"wasm","os":"wasip2"}'));
      const type = 'application/vnd.oci.image.manifest.v1+json';
      const text = JSON.stringify({
        schemaVersion: 2,
        mediaType: type,
        config: { mediaType: 'application/vnd.wasm.config.v0+json', ...config },
        layers: [{ mediaType, ...(await blob(layer)) }],
      });
      return manifest(tag, type, text);
    },
  };
};

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function answers(host: string): Promise<boolean> {
  try {
    const { status } = await fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(1_000) });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}
