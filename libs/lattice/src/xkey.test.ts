import { expect, test } from 'vitest';
import { createXKey, publicXKey, seal, unseal, XKeyError } from './xkey.ts';

const text = new TextEncoder().encode('{"db":{"kind":"String","value":"s3cr3t"}}');

test('what is sealed for one key is opened by it alone', () => {
  const [host, provider, other] = [createXKey(), createXKey(), createXKey()];
  const box = seal(text, host, provider.publicKey);
  expect(new TextDecoder().decode(box.subarray(0, 4))).toBe('xkv1');
  expect(unseal(box, provider, host.publicKey)).toEqual(text);
  expect(() => unseal(box, other, host.publicKey)).toThrow(XKeyError);
  expect(() => unseal(box, provider, other.publicKey)).toThrow(XKeyError);
  expect(() => unseal(box.subarray(0, 30), provider, host.publicKey)).toThrow(XKeyError);
});

test('a seed has one public key, as nkeys of wasmCloud has it', () => {
  const seed = 'SXAKIYZX2POLIHZ5W5YZEWVTH24NLEUETBW3TKIVYRSS3GNHFXO5D4JJZM';
  expect(publicXKey(seed)).toBe('XBUJMZHVOPQ2SK5VD3TY4VNBPVU2YFGRLK6EFPEPSMVDUYEBSROWZCEA');
  expect(() => publicXKey('SXNOTASEED')).toThrow(XKeyError);
});
