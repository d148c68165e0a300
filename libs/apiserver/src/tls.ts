import { X509Certificate, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Certified } from './certificates.ts';

/** What a server proves its identity with, and what its clients trust. All PEM. */
export interface ServerIdentity {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** Signs the tokens of service accounts. */
  readonly tokenKeyPem: string;
  readonly adminToken: string;
}

const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

/** Loaded when a certificate is made: a server that has its own starts in half the time. */
const certificates = async (): Promise<typeof import('./certificates.ts')> => import('./certificates.ts');

/**
 * The identity kept in `directory`, completed with what is missing there; without a directory, a new one.
 * A server certificate that is about to end, or that does not name `host`, is replaced under the same CA.
 */
export async function serverIdentity(directory: string | undefined, host: string, now: Date): Promise<ServerIdentity> {
  if (directory === undefined) {
    const { createCa, issueServer } = await certificates();
    const ca = await createCa(now);
    return {
      caPem: ca.certPem,
      ...(await issueServer(ca, host, now)),
      tokenKeyPem: createTokenKey(),
      adminToken: createToken(),
    };
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files = new KeptFiles(directory);
  const ca = await keptCa(files, now);
  const server = await keptServer(files, ca, host, now);
  const tokenKeyPem = files.read('token.key') ?? files.write('token.key', createTokenKey());
  const adminToken = files.read('admin.token') ?? files.write('admin.token', createToken());
  return { caPem: ca.certPem, ...server, tokenKeyPem, adminToken };
}

class KeptFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(name: string): string | undefined {
    const file = join(this.#directory, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  /** Writes beside and renames, so that a file is there whole or not at all. */
  write(name: string, content: string): string {
    const file = join(this.#directory, name);
    writeFileSync(`${file}.new`, content, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return content;
  }
}

async function keptCa(files: KeptFiles, now: Date): Promise<Certified> {
  const certPem = files.read('ca.crt');
  const keyPem = files.read('ca.key');
  if (certPem !== undefined && keyPem !== undefined) return { certPem, keyPem };
  const { createCa } = await certificates();
  const ca = await createCa(now);
  // The certificate last: with it the pair is complete.
  files.write('ca.key', ca.keyPem);
  files.write('ca.crt', ca.certPem);
  return ca;
}

async function keptServer(files: KeptFiles, ca: Certified, host: string, now: Date): Promise<Certified> {
  const certPem = files.read('server.crt');
  const keyPem = files.read('server.key');
  if (certPem !== undefined && keyPem !== undefined && isUsable(certPem, ca, host, now)) return { certPem, keyPem };
  const { issueServer } = await certificates();
  const server = await issueServer(ca, host, now);
  files.write('server.key', server.keyPem);
  files.write('server.crt', server.certPem);
  return server;
}

function isUsable(certPem: string, ca: Certified, host: string, now: Date): boolean {
  const certificate = new X509Certificate(certPem);
  const names = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  const endsLater = certificate.validToDate.getTime() > now.getTime() + renewBeforeMs;
  return names !== undefined && endsLater && certificate.verify(new X509Certificate(ca.certPem).publicKey);
}

const createTokenKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

const createToken = (): string => randomBytes(32).toString('base64url');
