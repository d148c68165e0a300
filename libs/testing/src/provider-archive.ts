import { createHash, randomBytes } from 'node:crypto';
import { createAccount, type KeyPair } from '@nats-io/nkeys';

export interface PackedProvider {
  readonly name: string;
  /** Programs by their target, such as `x86_64-linux`. */
  readonly programs: Readonly<Record<string, Uint8Array>>;
  /** Who signs. Default: a key of its own. */
  readonly account?: KeyPair;
  /** Claims over those that a signer would write. */
  readonly claims?: object;
}

/** A signed provider archive, as `wash par create` writes it. */
export function packProvider({ name, programs, account = createAccount(), claims }: PackedProvider): Uint8Array {
  const binaries = Object.entries(programs).map(([target, bytes]) => [`${target}.bin`, bytes] as const);
  const hashes = Object.entries(programs).map(([target, bytes]) => [target, sha256(bytes)] as const);
  const payload = {
    jti: randomBytes(15).toString('hex'),
    iat: Math.floor(Date.now() / 1000),
    iss: account.getPublicKey(),
    sub: newServiceKey(),
    wascap: { name, vendor: 'kasmcloud', rev: 0, ver: '0.1.0', target_hashes: Object.fromEntries(hashes) },
    wascap_revision: 3,
    ...claims,
  };
  return packTar([['claims.jwt', signed(payload, account)], ...binaries]);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').toUpperCase();

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(payload: object, account: KeyPair): Uint8Array {
  const text = `${part({ typ: 'jwt', alg: 'Ed25519' })}.${part(payload)}`;
  const signature = account.sign(new TextEncoder().encode(text));
  return Buffer.from(`${text}.${Buffer.from(signature).toString('base64url')}`);
}

const BLOCK = 512;

/** A tar archive of regular files. */
export function packTar(files: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  const blocks = files.flatMap(([name, bytes]) => [
    header(name, bytes.length),
    bytes,
    Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, 'latin1');
  const owner = '0000000\0'.repeat(2);
  block.write(`0000755\0${owner}`, 100, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\0', 257, 'latin1');
  block.write('00', 263, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A public nkey of type "service", `V…`, as providers have; the library makes none. */
function newServiceKey(): string {
  const key = Buffer.concat([Buffer.of(21 << 3), randomBytes(32)]);
  const check = Buffer.alloc(2);
  check.writeUInt16LE(crc16(key));
  return base32(Buffer.concat([key, check]));
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

/** RFC 4648 without padding. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}
