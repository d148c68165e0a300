import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { cosignSign, signatureBundle, simpleSigning } from '@kasmcloud/testing';
import { anything, assert, jsonValue, nat, property, tuple, uint8Array, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { isSignedBy, readBundle, readSimpleSigning, SignatureError, type Signature } from './signature.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const authority = { kind: 'key', name: 'k', key: createPublicKey(privateKey), hash: 'sha256', id: '' } as const;
const digest = `sha256:${'a'.repeat(64)}`;
const payload = simpleSigning(digest);
const bundle = Buffer.from(signatureBundle(privateKey, digest));

/** The image for which bytes are a signature by the key; undefined when they are none, which only a SignatureError says. */
const signedBy = (read: () => Signature): string | undefined => {
  try {
    const signature = read();
    return isSignedBy(signature, authority) ? signature.subject : undefined;
  } catch (error) {
    if (error instanceof SignatureError) return undefined;
    throw error;
  }
};

/** Bytes with some of them changed, left out or put in. */
const damaged = (bytes: Uint8Array): Arbitrary<Buffer> =>
  tuple(nat(bytes.length - 1), nat(3), uint8Array({ maxLength: 4 })).map(([at, gone, added]) =>
    Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + gone)]),
  );

test('both forms are read and verified', () => {
  expect(signedBy(() => readSimpleSigning(payload, cosignSign(privateKey, payload)))).toBe(digest);
  expect(signedBy(() => readBundle(bundle))).toBe(digest);
});

test('bytes of any kind are no signature, and nothing worse', () => {
  const holds = property(uint8Array({ maxLength: 300 }), anything(), (bytes, annotation) => {
    expect(signedBy(() => readSimpleSigning(bytes, annotation))).toBeUndefined();
    expect(signedBy(() => readBundle(bytes))).toBeUndefined();
  });
  expect(() => assert(holds)).not.toThrow();
});

test('nor is JSON of any shape', () => {
  const holds = property(jsonValue(), (value) => {
    const bytes = Buffer.from(JSON.stringify(value));
    expect(signedBy(() => readSimpleSigning(bytes, 'AAAA'))).toBeUndefined();
    expect(signedBy(() => readBundle(bytes))).toBeUndefined();
  });
  expect(() => assert(holds)).not.toThrow();
});

test('what was signed and then changed is a signature of no other image', () => {
  const signature = cosignSign(privateKey, payload);
  const holds = property(damaged(payload), damaged(bundle), (otherPayload, otherBundle) => {
    const expected = otherPayload.equals(payload) ? digest : undefined;
    expect(signedBy(() => readSimpleSigning(otherPayload, signature))).toBe(expected);
    expect([digest, undefined]).toContain(signedBy(() => readBundle(otherBundle)));
  });
  expect(() => assert(holds, { numRuns: 500 })).not.toThrow();
});
