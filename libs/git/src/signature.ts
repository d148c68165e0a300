import { GitRefNotFoundError, type GitTarget } from './errors.ts';
import { GitExitError } from './git-process.ts';
import type { GitCommand } from './tree-reader.ts';

export type Verification =
  /** `signer`: the principal that allowed_signers gives the key. */
  { readonly kind: 'verified'; readonly signer: string } | { readonly kind: 'refused'; readonly reason: string };

/** git's letters for the state of a signature, `%G?`, other than G. */
const REASONS: Readonly<Record<string, string>> = {
  N: 'the commit is not signed',
  B: 'the signature does not fit the commit',
  U: 'the signature is of a key that is not among the signers',
  X: 'the signature has expired',
  Y: 'the key of the signature has expired',
  R: 'the key of the signature was revoked',
  E: 'the signature cannot be checked: only SSH signatures are',
};

export const verifyCommit = async (run: GitCommand, commit: string, target: GitTarget): Promise<Verification> => {
  try {
    const printed = await run(['log', '-1', '--no-mailmap', '--format=%G?%x00%GS', commit, '--']);
    const [state = '', signer = ''] = printed.toString('utf8').trimEnd().split('\0');
    if (state === 'G' && signer !== '') return { kind: 'verified', signer };
    return { kind: 'refused', reason: REASONS[state] ?? 'the signature cannot be checked' };
  } catch (error) {
    if (error instanceof GitExitError && /bad object|unknown revision/i.test(error.stderr))
      throw new GitRefNotFoundError(target, 'not in the mirror: fetch it first', { cause: error });
    throw error;
  }
};
