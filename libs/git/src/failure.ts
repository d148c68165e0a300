import { redactText } from '@kasmcloud/observe';
import {
  GitAuthError,
  GitError,
  GitLimitError,
  GitMirrorError,
  GitRefNotFoundError,
  type GitTarget,
  GitUnreachableError,
  GitUrlRefusedError,
} from './errors.ts';
import { GitExitError } from './git-process.ts';

const NO_CREDENTIALS = /could not read (?:Username|Password)|terminal prompts disabled/i;
const HOST_KEY = /host key verification failed|host key is known/i;
const CERTIFICATE = /SSL certificate|certificate (?:verify|problem|subject)|certificate verification failed/i;
const REFUSED =
  /authentication failed|permission denied|access denied|returned error: 40[13]|invalid (?:username|credentials)/i;
const NO_REF = /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i;
const REDIRECT = /redirect|returned error: 30[1-8]/i;
const NO_REPOSITORY = /repository .*not found|does not appear to be a git repository|returned error: 404/i;
const DAMAGED =
  /not a git repository(?! from)|is corrupt|object file .* is empty|inflate: data stream error|bad (?:object|index)|unable to (?:read|parse|find|create|lock|write)|could not (?:open|lock|read)|did not send all necessary objects|invalid (?:sha1|object|shallow)|failed to write/i;

/** The sentence of git that says most: the last `fatal:` or `error:` line. */
const reason = (stderr: string): string => {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const fatal =
    lines.findLast((line) => /^(?:fatal|error|remote|ERROR|ssh):/.test(line)) ?? lines.at(-1) ?? 'no message';
  return redactText(fatal.replace(/^(?:fatal|error): /, '').slice(0, 300));
};

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/** Whether the mirror on disk may be what is broken, so that making it anew is worth one attempt. */
export const isDamage = (error: unknown): boolean =>
  error instanceof GitExitError && DAMAGED.test(error.stderr) && !NO_REF.test(error.stderr);

/** What a failed exchange with the remote repository means. Aborts by the caller stay what they are. */
export const remoteFailure = (error: unknown, target: GitTarget): unknown => {
  const options = { cause: error };
  if (isTimeout(error)) return new GitUnreachableError(target, 'no answer before the deadline', options);
  if (!(error instanceof GitExitError)) return localFailure(error, target);
  const { stderr } = error;
  const said = reason(stderr);
  if (error.outputTooLarge) return new GitLimitError(target, 'the server lists more references than are read', options);
  if (NO_REF.test(stderr))
    return new GitRefNotFoundError(target, 'not found in the repository: check its spelling, or push it', options);
  if (HOST_KEY.test(stderr))
    return new GitAuthError(
      target,
      'the key of the host is not in known_hosts: add the line of ssh-keyscan after checking it',
      options,
    );
  if (CERTIFICATE.test(stderr))
    return new GitAuthError(
      target,
      `the certificate of the server is not trusted (${said}): give its authority in ca.crt`,
      options,
    );
  if (NO_CREDENTIALS.test(stderr))
    return new GitAuthError(target, 'the server asks for credentials: name a secret in auth', options);
  if (REFUSED.test(stderr))
    return new GitAuthError(
      target,
      `the server refused the credentials (${said}): check the secret that auth names`,
      options,
    );
  if (REDIRECT.test(stderr))
    return new GitUrlRefusedError(
      target,
      `the server redirects elsewhere, which is not followed (${said}): use the new URL`,
      options,
    );
  if (NO_REPOSITORY.test(stderr))
    return new GitUnreachableError(target, `no such repository, or the credentials may not see it (${said})`, options);
  return new GitUnreachableError(target, `cannot be fetched (${said})`, options);
};

/** What a failed command on the mirror itself means. */
export const localFailure = (error: unknown, target: GitTarget): unknown => {
  const options = { cause: error };
  if (isTimeout(error)) return new GitMirrorError(target, 'git did not end before the deadline', options);
  if (error instanceof GitExitError)
    return error.outputTooLarge
      ? new GitLimitError(target, 'the content is larger than the limits allow', options)
      : new GitMirrorError(target, `the mirror cannot be read (${reason(error.stderr)})`, options);
  if (error instanceof Error && !(error instanceof GitError) && 'code' in error && error.code === 'ENOENT')
    return new GitMirrorError(
      target,
      'the git program, or the directory of the mirror, is not there: install git',
      options,
    );
  return error;
};
