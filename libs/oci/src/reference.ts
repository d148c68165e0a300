import { OciError } from './error.ts';

/** Where an image is: `registry/repository:tag@digest`, with a tag, a digest, or both. */
export interface ImageReference {
  /** Host with its port, lower case. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:` and 64 hex digits, of the manifest. It wins over the tag. */
  readonly digest: string | undefined;
}

const DEFAULT_REGISTRY = 'docker.io';
const DEFAULT_TAG = 'latest';

const scheme = /^(?:oci|https?):\/\//;
const host = /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/;
const MAX_LENGTH = 1024;
const MAX_REPOSITORY = 255;

/**
 * Reads a reference as the OCI distribution specification and docker write them; `oci://` and `https://` in front are
 * passed over, and registry and repository are taken in lower case, as wasmCloud 1.x does. Without tag and digest the
 * tag is `latest`.
 *
 * @throws {OciError} InvalidReference
 */
export function parseReference(text: string): ImageReference {
  const invalid = (why: string): OciError => new OciError('InvalidReference', text.slice(0, MAX_LENGTH), why);
  if (text.length > MAX_LENGTH) throw invalid(`is longer than ${MAX_LENGTH} characters`);
  const [named = '', digest, ...more] = text.replace(scheme, '').split('@');
  if (more.length > 0) throw invalid('has more than one @');
  if (digest !== undefined && !digestForm.test(digest)) {
    throw invalid('the digest is not sha256: and 64 lower-case hex digits');
  }
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const path = (colon < 0 ? named : named.slice(0, colon)).toLowerCase();
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !tagForm.test(tag)) throw invalid(`the tag is not of the form ${tagForm.source}`);
  const { registry, repository } = splitPath(path);
  const port = host.exec(registry);
  if (port === null || Number(port[1] ?? 1) > 65_535 || port[1] === '0') {
    throw invalid(`"${registry}" is not a registry host`);
  }
  if (repository.length > MAX_REPOSITORY || !repository.split('/').every((part) => component.test(part))) {
    throw invalid(`"${repository}" is not a repository name`);
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? DEFAULT_TAG : undefined), digest };
}

/** What stands before the first slash is a registry if it could be a host name, and else a part of docker.io. */
function splitPath(path: string): { registry: string; repository: string } {
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  if (slash > 0 && (/[.:]/.test(first) || first === 'localhost')) {
    return { registry: first, repository: path.slice(slash + 1) };
  }
  return { registry: DEFAULT_REGISTRY, repository: path.includes('/') ? path : `library/${path}` };
}

/** The reference in full, as `parseReference` reads it back. */
export const formatReference = ({ registry, repository, tag, digest }: ImageReference): string =>
  `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;

/** Whether what the reference names may change: there is no digest, and the tag is `latest`. */
export const isLatest = ({ tag, digest }: ImageReference): boolean => digest === undefined && tag === DEFAULT_TAG;
