import { z } from 'zod';
import { OciError } from './error.ts';
import type { ImageReference } from './reference.ts';

/** What a registry wants to know of who asks. An identity token is exchanged for short-lived ones. */
export type Credentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string };

/** Credentials for the repositories of a host under a path. */
export interface CredentialEntry {
  /** `*` stands for one label of the host name. */
  readonly host: string;
  readonly path: string;
  readonly credentials: Credentials;
}

const dockerConfig = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .default({}),
});

/**
 * Reads the `auths` of a docker `config.json`, which is also what a Secret of type `kubernetes.io/dockerconfigjson`
 * holds. Credential helpers are programs, and none is run. `origin` names the file or Secret in the error.
 *
 * @throws {OciError} InvalidCredentials; nothing of the text is in the message
 */
export function parseDockerConfig(text: string, origin: string): CredentialEntry[] {
  const invalid = (cause?: unknown): OciError =>
    new OciError('InvalidCredentials', origin, 'is not a docker config with "auths"', { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // A syntax error quotes the text, in which passwords are.
    throw invalid();
  }
  const read = dockerConfig.safeParse(json);
  if (!read.success) throw invalid();
  return Object.entries(read.data.auths).flatMap(([key, entry]) => {
    const credentials = credentialsOf(entry);
    return credentials === undefined ? [] : [{ ...placeOf(key), credentials }];
  });
}

function credentialsOf({
  auth,
  username,
  password,
  identitytoken,
}: z.infer<typeof dockerConfig>['auths'][string]): Credentials | undefined {
  if (identitytoken !== undefined && identitytoken !== '') return { kind: 'identity', token: identitytoken };
  if (username !== undefined && password !== undefined) return { kind: 'basic', username, password };
  const decoded = Buffer.from(auth ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) return undefined;
  return { kind: 'basic', username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** `https://index.docker.io/v1/`, `ghcr.io`, `registry.example.com:5000/team` → host and path. */
function placeOf(key: string): { host: string; path: string } {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  const host = (slash < 0 ? bare : bare.slice(0, slash)).toLowerCase();
  const path = slash < 0 ? '' : bare.slice(slash + 1);
  const isDocker = host === 'index.docker.io' || host === 'registry-1.docker.io';
  return { host: isDocker ? 'docker.io' : host, path: /^v[12]$/.test(path) ? '' : path };
}

/** The entry for a reference: the one with the longest path that covers it; of equal ones, the first. */
export function findCredentials(
  entries: readonly CredentialEntry[],
  { registry, repository }: ImageReference,
): Credentials | undefined {
  let best: CredentialEntry | undefined;
  for (const entry of entries) {
    const covers = entry.path === '' || repository === entry.path || repository.startsWith(`${entry.path}/`);
    if (!covers || !matchesHost(entry.host, registry)) continue;
    if (best === undefined || entry.path.length > best.path.length) best = entry;
  }
  return best?.credentials;
}

function matchesHost(pattern: string, host: string): boolean {
  const wanted = pattern.split('.');
  const labels = host.split('.');
  return wanted.length === labels.length && wanted.every((label, i) => label === '*' || label === labels[i]);
}
