import type { Interfaces } from '../interface.ts';
import { crypto } from './crypto.ts';

/** The most random bytes that a guest gets at once; a generator, not a store, is what it needs more for. */
const maxBytes = 1024 * 1024;

const bytes = (length: bigint): Uint8Array => {
  if (length > maxBytes) throw new Error(`asked for ${length} random bytes, ${maxBytes} is the most`);
  return crypto().randomBytes(Number(length));
};

const u64 = (): bigint => crypto().randomBytes(8).readBigUInt64LE();

export const random: Interfaces = {
  'wasi:random/random': { getRandomBytes: bytes, getRandomU64: u64 },
  'wasi:random/insecure': { getInsecureRandomBytes: bytes, getInsecureRandomU64: u64 },
  'wasi:random/insecure-seed': { insecureSeed: (): [bigint, bigint] => [u64(), u64()] },
};
