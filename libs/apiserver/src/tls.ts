// The certificate library needs it before its own first line.
import 'reflect-metadata';
import { X509Certificate, randomBytes, webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** What a server proves its identity with, and what its clients trust. All PEM. */
export interface ServerIdentity {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** Signs the tokens of service accounts. */
  readonly tokenKeyPem: string;
  readonly adminToken: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1000;
const lifetimeDays = { ca: 3650, server: 825 };
const renewBeforeDays = 30;

/**
 * The identity kept in `directory`, completed with what is missing there; without a directory, a new one.
 * A server certificate that is about to end, or that does not name `host`, is replaced under the same CA.
 */
export async function serverIdentity(directory: string | undefined, host: string, now: Date): Promise<ServerIdentity> {
  if (directory === undefined) {
    const ca = await createCa(now);
    return {
      caPem: ca.certPem,
      ...(await issueServer(ca, host, now)),
      tokenKeyPem: (await createKey()).pem,
      adminToken: createToken(),
    };
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files = new KeptFiles(directory);
  const ca = await keptCa(files, now);
  const server = await keptServer(files, ca, host, now);
  const tokenKeyPem = files.read('token.key') ?? files.write('token.key', (await createKey()).pem);
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

interface Certified {
  readonly certPem: string;
  readonly keyPem: string;
}

async function keptCa(files: KeptFiles, now: Date): Promise<Certified> {
  const certPem = files.read('ca.crt');
  const keyPem = files.read('ca.key');
  if (certPem !== undefined && keyPem !== undefined) return { certPem, keyPem };
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
  const server = await issueServer(ca, host, now);
  files.write('server.key', server.keyPem);
  files.write('server.crt', server.certPem);
  return server;
}

function isUsable(certPem: string, ca: Certified, host: string, now: Date): boolean {
  const certificate = new X509Certificate(certPem);
  const names = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  const endsLater = certificate.validToDate.getTime() > now.getTime() + renewBeforeDays * dayMs;
  return names !== undefined && endsLater && certificate.verify(new X509Certificate(ca.certPem).publicKey);
}

const createToken = (): string => randomBytes(32).toString('base64url');

async function createKey(): Promise<{ keys: webcrypto.CryptoKeyPair; pem: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { keys, pem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

const period = (now: Date, days: number): { notBefore: Date; notAfter: Date } => ({
  // A client whose clock is a little behind must trust it too.
  notBefore: new Date(now.getTime() - 5 * 60 * 1000),
  notAfter: new Date(now.getTime() + days * dayMs),
});

const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

async function createCa(now: Date): Promise<Certified> {
  const { keys, pem } = await createKey();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=kasmcloud-apiserver-ca',
    ...period(now, lifetimeDays.ca),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: pem };
}

async function issueServer(ca: Certified, host: string, now: Date): Promise<Certified> {
  const issuer = new x509.X509Certificate(ca.certPem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(ca.keyPem),
    algorithm,
    false,
    ['sign'],
  );
  const { keys, pem } = await createKey();
  const hosts = [...new Set([host, 'localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default.svc'])];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=kasmcloud-apiserver',
    issuer: issuer.subject,
    ...period(now, lifetimeDays.server),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: pem };
}
