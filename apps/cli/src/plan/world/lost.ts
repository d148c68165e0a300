import { UserError } from '../../user-error.ts';

/** What `--lost` says: a fact, without waiting and without a brake. */
export type Loss =
  | { readonly kind: 'Cluster'; readonly text: string; readonly name: string }
  /** `cluster` only where it was given. */
  | { readonly kind: 'Host'; readonly text: string; readonly name: string; readonly cluster?: string };

/**
 * Reads `host/NAME`, `host/CLUSTER/NAME` or `cluster/NAME`.
 *
 * @throws {UserError}
 */
export function parseLoss(text: string): Loss {
  const [kind, first = '', second, ...more] = text.split('/');
  if (first !== '' && second !== '' && more.length === 0) {
    if (kind === 'cluster' && second === undefined) return { kind: 'Cluster', text, name: first };
    if (kind === 'host')
      return second === undefined
        ? { kind: 'Host', text, name: first }
        : { kind: 'Host', text, cluster: first, name: second };
  }
  throw new UserError(`--lost ${text}: write host/NAME, host/CLUSTER/NAME or cluster/NAME`);
}
