const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A ULID: 26 characters of Crockford's base 32 that sort by time, as wadm gives to a manifest without a version.
 * `now`: milliseconds since the epoch; `entropy`: ten random bytes.
 */
export function ulid(now: number, entropy: Uint8Array): string {
  let value = BigInt(now);
  for (const byte of entropy.subarray(0, 10)) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let digit = 0; digit < 26; digit++) {
    text = `${ALPHABET[Number(value & 31n)]}${text}`;
    value >>= 5n;
  }
  return text;
}
