import { redactText } from '@kasmcloud/observe';
import { describeRef, type GitRef } from './git-ref.ts';

/** Where a git operation was going. The URL never carries secrets: such URLs are refused. */
export interface GitTarget {
  readonly url: string;
  readonly ref?: GitRef | undefined;
}

const targetText = ({ url, ref }: GitTarget): string =>
  ref === undefined ? redactText(url) : `${redactText(url)}, ${describeRef(ref)}`;

/** What all errors of this library have in common. */
export abstract class GitError extends Error {
  readonly url: string;
  readonly ref: GitRef | undefined;

  constructor(target: GitTarget, message: string, options?: ErrorOptions) {
    super(`${targetText(target)}: ${message}`, options);
    this.url = redactText(target.url);
    this.ref = target.ref;
  }
}

/** The repository did not answer, or answered nonsense. Worth a retry. */
export class GitUnreachableError extends GitError {
  override readonly name = 'GitUnreachableError';
}

/** The repository answered, and has no such branch, tag or commit. */
export class GitRefNotFoundError extends GitError {
  override readonly name = 'GitRefNotFoundError';
}

/** The repository refused the credentials, or this host refused the repository's key or certificate. */
export class GitAuthError extends GitError {
  override readonly name = 'GitAuthError';
}

/** The content is beyond what the caller allowed. */
export class GitLimitError extends GitError {
  override readonly name = 'GitLimitError';
}

/** The URL is of a form or protocol that is never fetched. */
export class GitUrlRefusedError extends GitError {
  override readonly name = 'GitUrlRefusedError';
}

/** The name of a branch, tag, commit or path, or a pattern, is of a form that is never given to git. */
export class GitNameRefusedError extends GitError {
  override readonly name = 'GitNameRefusedError';
}

/** The tree holds names that no honest work tree has: `..`, or one path twice. */
export class GitTreeRefusedError extends GitError {
  override readonly name = 'GitTreeRefusedError';
}

/** The mirror on disk, or the git program, does not work. */
export class GitMirrorError extends GitError {
  override readonly name = 'GitMirrorError';
}
