import { createHash } from 'node:crypto';

/** A hollow host was asked to run something, as it was last written. */
export interface HollowStart {
  readonly host: string;
  readonly image: string;
  /** `namespace/name` of the Actor or Provider. */
  readonly key: string;
  readonly generation: number;
}

/** What the host then says of it. `Silent`: nothing yet; it is asked again. */
export type HollowAnswer =
  | { readonly kind: 'Running' }
  | { readonly kind: 'Failed'; readonly reason: string; readonly message: string }
  | { readonly kind: 'Silent' };

/** The same start must get the same answer, except after `Silent`. */
export type HollowAnswers = (start: HollowStart) => HollowAnswer;

export interface HollowOdds {
  readonly seed: number;
  /** Of all starts, from 0 to 1. */
  readonly failureRate: number;
  /** Images that no host can start. */
  readonly badImages: readonly string[];
}

const running: HollowAnswer = { kind: 'Running' };

/** Answers by chance, and the same again for the same seed, in whatever order they are asked for. */
export function seededAnswers({ seed, failureRate, badImages }: HollowOdds): HollowAnswers {
  const bad = new Set(badImages);
  return ({ host, image, key, generation }) => {
    if (bad.has(image)) return { kind: 'Failed', reason: 'ImagePullFailed', message: `no such image: ${image}` };
    if (failureRate === 0 || chance(`${seed} ${host} ${key} ${generation}`) >= failureRate) return running;
    return { kind: 'Failed', reason: 'StartFailed', message: 'this start was to fail' };
  };
}

/** From 0 to 1, without 1. */
const chance = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
