import type { Logger } from '@kasmcloud/observe';
import { OciError } from '../error.ts';
import { formatReference, type ImageReference } from '../reference.ts';
import { findSignatures, MAX_SIGNATURES, type Fetch } from './found.ts';
import { describeAuthority, type ImagePolicy } from './policy.ts';
import { isSignedBy } from './signature.ts';

/** What became of an image under a policy; `unmatched` is one that no policy is about and that is refused for it. */
export type Verdict = 'verified' | 'not-signed' | 'invalid' | 'unmatched';

export interface SignatureOptions {
  /** Each one that is about an image has to be satisfied. */
  readonly policies: readonly ImagePolicy[];
  /** What becomes of images that no policy is about. */
  readonly noMatch: 'allow' | 'deny';
  /** Told of each image that was judged, with the policy's name. Verdicts that were known are not told. */
  readonly onVerdict?: (policy: string, verdict: Verdict) => void;
}

/** Where verdicts are kept. */
export interface VerdictStore {
  note(key: string): Promise<unknown>;
  putNote(key: string, value: unknown): Promise<void>;
}

/** Images whose digests were signed by whom the policies name. A good verdict is kept: by policy and digest it never changes. */
export class SignatureVerifier {
  readonly #options: SignatureOptions;
  readonly #store: VerdictStore;
  readonly #logger: Logger;

  constructor(options: SignatureOptions, store: VerdictStore, logger: Logger) {
    this.#options = options;
    this.#store = store;
    this.#logger = logger;
  }

  /**
   * Passes when the manifest with this digest may run under that name; `fetch` asks where it came from.
   * @throws {OciError} NotSigned, SignatureInvalid, and what the registry's failures are
   */
  async check(reference: ImageReference, digest: string, fetch: Fetch): Promise<void> {
    const { policies, noMatch, onVerdict } = this.#options;
    const image = formatReference(reference);
    const about = policies.filter((policy) => policy.matches(reference));
    if (about.length === 0 && noMatch === 'deny') {
      onVerdict?.('', 'unmatched');
      throw new OciError('NotSigned', image, 'no image policy of this host is about it, and such images are refused');
    }
    const open = new Set<ImagePolicy>();
    for (const policy of about) if (!(await this.#isSettled(policy, digest))) open.add(policy);
    if (open.size === 0) return;
    const faults: string[] = [];
    for await (const found of findSignatures(digest, fetch)) {
      if (found.kind === 'fault') faults.push(found.why);
      else if (found.signature.subject !== digest) faults.push(`it is of ${found.signature.subject}`);
      else {
        for (const policy of open) {
          const authority = policy.authorities.find((one) => one.kind === 'key' && isSignedBy(found.signature, one));
          if (authority === undefined) continue;
          open.delete(policy);
          onVerdict?.(policy.name, 'verified');
          await this.#store.putNote(verdictKey(policy, digest), { authority: authority.name });
        }
        if (open.size === 0) return;
        faults.push('it is by another key');
      }
    }
    for (const policy of open) this.#refuse(policy, image, digest, faults);
  }

  async #isSettled(policy: ImagePolicy, digest: string): Promise<boolean> {
    if (policy.authorities.some((one) => one.kind === 'static' && one.action === 'pass')) return true;
    return (await this.#store.note(verdictKey(policy, digest))) !== undefined;
  }

  #refuse(policy: ImagePolicy, image: string, digest: string, faults: readonly string[]): void {
    const isSigned = faults.length > 0;
    this.#options.onVerdict?.(policy.name, isSigned ? 'invalid' : 'not-signed');
    const wanted = `policy ${policy.name} wants ${digest} signed by ${policy.authorities.map(describeAuthority).join(' or ')}`;
    const message = isSigned ? `${wanted}; ${summaryOf(faults)}` : `${wanted}; its repository has no signature of it`;
    const error = new OciError(isSigned ? 'SignatureInvalid' : 'NotSigned', image, message);
    if (policy.mode === 'enforce') throw error;
    this.#logger.warn(
      { image, policy: policy.name, err: error },
      'image admitted against its policy, which only warns',
    );
  }
}

const verdictKey = (policy: ImagePolicy, digest: string): string => `signed ${policy.id} ${digest}`;

/** What is wrong with the signatures that there are; each reason once. */
function summaryOf(faults: readonly string[]): string {
  const reasons = [...new Set(faults)].slice(0, 3).join('; ');
  const more = faults.length >= MAX_SIGNATURES ? `, and no more than ${MAX_SIGNATURES} of a form are looked at` : '';
  return `none of ${faults.length} found will do: ${reasons}${more}`;
}
