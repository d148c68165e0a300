import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { fromPublic } from '@nats-io/nkeys';
import { z } from 'zod';
import { isTar, readTar, TarError, type TarFile } from './tar.ts';

/** An archive cannot be run here, and why. Another archive, or another machine, is needed. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

export interface ArchiveOptions {
  /** `x86_64-linux`: the machine that shall run it. */
  readonly target: string;
  /** The largest archive, unpacked. */
  readonly maxBytes: number;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** What is taken from an archive. */
export interface ProviderProgram {
  readonly bytes: Uint8Array;
  /** Name, version and issuer as its claims say; undefined for an archive without claims. */
  readonly claims: { readonly name: string; readonly version: string; readonly issuer: string } | undefined;
}

const CLAIMS = 'claims.jwt';
const PROGRAM = /^(?:\.\/)?([A-Za-z0-9_]+-[A-Za-z0-9_]+)\.bin$/;

const claimsShape = z.object({
  iss: z.string().regex(/^A[A-Z2-7]{55}$/, 'it is not the key of an account'),
  sub: z.string(),
  exp: z.number().nullish(),
  nbf: z.number().nullish(),
  wascap: z.object({
    name: z.string().nullish(),
    ver: z.string().nullish(),
    target_hashes: z.record(z.string(), z.string()),
  }),
});
type Claims = z.infer<typeof claimsShape>;

const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
const systems: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' };

/** The name that archives have for a machine of Node's `process.arch` and `process.platform`. */
export const archiveTarget = (arch: string, platform: string): string =>
  `${architectures[arch] ?? arch}-${systems[platform] ?? platform}`;

/** Whether the bytes are packed as a provider archive is: a tar archive, or one in gzip. */
export const isArchive = (bytes: Uint8Array): boolean => isGzip(bytes) || isTar(bytes);

/**
 * The program of a provider archive (`.par`) for one target. Claims are checked when there are any: signature, validity,
 * and the hash of the program.
 *
 * @throws ArchiveError
 */
export function readProviderArchive(bytes: Uint8Array, { target, maxBytes, now }: ArchiveOptions): ProviderProgram {
  const files = unpack(bytes, maxBytes);
  const programs = new Map(files.flatMap((file) => targetOf(file)));
  const program = programs.get(target);
  if (program === undefined) {
    const others = [...programs.keys()].toSorted().join(', ');
    throw new ArchiveError(`it has no program for ${target}${others === '' ? '' : `, only for ${others}`}`);
  }
  const token = files.find(({ name }) => name.replace(/^\.\//, '') === CLAIMS);
  if (token === undefined) return { bytes: program, claims: undefined };
  const claims = readClaims(new TextDecoder().decode(token.bytes), now);
  const hash = createHash('sha256').update(program).digest('hex').toUpperCase();
  if (claims.wascap.target_hashes[target]?.toUpperCase() !== hash) {
    throw new ArchiveError(`its program for ${target} is not the one that its claims were signed for`);
  }
  return {
    bytes: program,
    claims: { name: claims.wascap.name ?? '', version: claims.wascap.ver ?? '', issuer: claims.iss },
  };
}

const targetOf = ({ name, bytes }: TarFile): [string, Uint8Array][] => {
  const target = PROGRAM.exec(name)?.[1];
  return target === undefined ? [] : [[target, bytes]];
};

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function unpack(bytes: Uint8Array, maxBytes: number): TarFile[] {
  try {
    return readTar(isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : bytes);
  } catch (cause) {
    if (cause instanceof TarError) throw new ArchiveError(`it is not a provider archive: ${cause.message}`, { cause });
    const isLarge = cause instanceof RangeError;
    const why = isLarge ? `unpacked it is more than ${maxBytes} bytes` : 'it is broken gzip';
    throw new ArchiveError(why, { cause });
  }
}

/** Claims of wascap: a JWT signed with the ed25519 key of its issuer. */
function readClaims(token: string, now: number): Claims {
  const [header = '', payload = '', signature = ''] = token.trim().split('.');
  let claims: Claims;
  try {
    claims = claimsShape.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new ArchiveError('its claims cannot be read', { cause });
  }
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  if (!isSignedBy(claims.iss, signed, Buffer.from(signature, 'base64url'))) {
    throw new ArchiveError(`its claims are not signed by ${claims.iss}, as they say`);
  }
  if (typeof claims.exp === 'number' && claims.exp <= now) throw new ArchiveError('its claims have expired');
  if (typeof claims.nbf === 'number' && claims.nbf > now) throw new ArchiveError('its claims are not valid yet');
  return claims;
}

function isSignedBy(issuer: string, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return fromPublic(issuer).verify(data, new Uint8Array(signature));
  } catch {
    return false;
  }
}
