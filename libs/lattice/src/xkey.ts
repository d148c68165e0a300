import { createCurve, fromCurveSeed } from '@nats-io/nkeys';

/** A key pair for sealing (nkey type "curve"): what one seals for another, only that other opens. */
export interface XKey {
  /** 56 characters, `X…`. */
  readonly publicKey: string;
  /** 58 characters, `SX…`; secret. */
  readonly seed: string;
}

/** A box cannot be opened with this key, or a key is none. Nothing secret is repeated. */
export class XKeyError extends Error {
  override readonly name = 'XKeyError';
}

export function createXKey(): XKey {
  const pair = createCurve();
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}

/** Seals for `recipient`, a public xkey, in the form `xkv1` of nkeys. @throws XKeyError */
export function seal(data: Uint8Array, { seed }: Pick<XKey, 'seed'>, recipient: string): Uint8Array {
  return guarded('the data cannot be sealed: one of the keys is not an xkey', () => pairOf(seed).seal(data, recipient));
}

/** Opens what `sender`, a public xkey, has sealed. @throws XKeyError */
export function unseal(box: Uint8Array, { seed }: Pick<XKey, 'seed'>, sender: string): Uint8Array {
  const opened = guarded('the box is not for this xkey', () => pairOf(seed).open(box, sender));
  if (opened === null) throw new XKeyError('the box is not for this xkey, or not from that sender');
  return opened;
}

/** The public key of a seed. @throws XKeyError */
export const publicXKey = (seed: string): string =>
  guarded('the seed of an xkey has 58 characters and begins with SX', () => pairOf(seed).getPublicKey());

const pairOf = (seed: string): ReturnType<typeof fromCurveSeed> => fromCurveSeed(new TextEncoder().encode(seed.trim()));

function guarded<T>(message: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new XKeyError(message, { cause });
  }
}
