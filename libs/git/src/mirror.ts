import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, silentLogger } from '@kasmcloud/observe';
import { type GitAuth, gitEnvironment } from './environment.ts';
import { GitAuthError, GitLimitError, GitNameRefusedError, GitRefNotFoundError, type GitTarget } from './errors.ts';
import { isDamage, localFailure, remoteFailure } from './failure.ts';
import { GitExitError, runGit } from './git-process.ts';
import { type FetchName, fetchName, type GitRef, isObjectId } from './git-ref.ts';
import { type GitUrl, parseGitUrl } from './git-url.ts';
import { packUsage, removeForgottenCredentials, removeLeftovers, withCredentialFiles } from './repository.ts';
import { type Verification, verifyCommit } from './signature.ts';
import { Turns } from './turns.ts';
import {
  type GitCommand,
  type GitFile,
  hashPaths,
  objectAt,
  readTreeFiles,
  type TreeSelection,
} from './tree-reader.ts';

export interface GitMirrorOptions {
  readonly url: string;
  /** The mirror is a directory in this one. It belongs to this process alone. */
  readonly cacheDirectory: string;
  /**
   * Whose credentials fetch into the mirror: mirrors of different scopes share nothing, so that nobody reads from the
   * cache what his credentials would not fetch.
   */
  readonly scope?: string;
  /** Also `file://` URLs: for tests and `kasm up`. */
  readonly allowFile?: boolean;
  /** A fetch that brings more is broken off. Default 512 MiB. */
  readonly maxFetchBytes?: number;
  readonly logger?: Logger;
}

export interface GitCallOptions {
  readonly signal?: AbortSignal;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}

export interface GitRemoteOptions extends GitCallOptions {
  readonly ref: GitRef;
  readonly auth?: GitAuth | undefined;
  /** PEM; replaces the system's authorities for https. */
  readonly caCertificates?: string | undefined;
}

export interface FetchedCommit {
  readonly commit: string;
  /** `name <mail>`, as the commit says it: not verified. */
  readonly author: string;
  /** The first line of its message. */
  readonly subject: string;
  /** When it was committed, ISO 8601. */
  readonly time: string;
  /** Id of the tree or file at a path; undefined when there is none. */
  readonly treeOf: (path: string) => Promise<string | undefined>;
}

const MAX_PACKS = 50;
const SIZE_CHECK_MS = 100;

/** A bare copy of one remote repository: fetched at depth 1, read without a work tree. */
export class GitMirror {
  readonly url: string;
  readonly directory: string;
  readonly #url: GitUrl;
  readonly #maxFetchBytes: number;
  readonly #log: Logger;
  readonly #turns = new Turns();
  #initialised: Promise<void> | undefined;

  /** @throws {GitUrlRefusedError} */
  constructor(options: GitMirrorOptions) {
    const {
      url,
      cacheDirectory,
      scope = '',
      allowFile = false,
      maxFetchBytes = 512 << 20,
      logger = silentLogger,
    } = options;
    this.#url = parseGitUrl(url, { allowFile });
    this.url = url;
    const name = createHash('sha256').update(`${scope}\0${url}`).digest('hex').slice(0, 32);
    this.directory = resolve(cacheDirectory, `${name}.git`);
    this.#maxFetchBytes = maxFetchBytes;
    this.#log = logger.child({ url });
  }

  /** The commit that a branch, tag or reference names at the remote now. Fetches nothing: the cheap way to see a change. */
  async resolve(options: GitRemoteOptions): Promise<string> {
    const target = { url: this.url, ref: options.ref };
    const name = this.#nameOf(options.ref, target);
    if (name.kind === 'object') return name.id;
    const peeled = `${name.name}^{}`;
    const listing = await this.#remote(options, target, (run) =>
      run(['ls-remote', '--quiet', '--', this.url, name.name, peeled], { maxOutputBytes: 1 << 20 }),
    );
    const ids = new Map(
      listing
        .toString('utf8')
        .split('\n')
        .map((line) => line.split('\t'))
        .map(([id = '', ref = '']) => [ref, id]),
    );
    const commit = ids.get(peeled) ?? ids.get(name.name);
    if (commit === undefined || !isObjectId(commit))
      throw new GitRefNotFoundError(target, 'not found in the repository: check its spelling, or push it');
    return commit;
  }

  /**
   * Brings one commit with its tree, not its history. A branch that was rewritten is followed. Fetches of one mirror run
   * one by one; the deadline includes the wait.
   *
   * @throws {GitError} of the class that says what to do
   */
  async fetch(options: GitRemoteOptions): Promise<FetchedCommit> {
    const target = { url: this.url, ref: options.ref };
    const name = this.#nameOf(options.ref, target);
    const source = name.kind === 'object' ? name.id : name.name;
    // By its hash: branches a and a/b could not stand side by side as files.
    const local = `refs/kasmcloud/${createHash('sha256').update(source).digest('hex').slice(0, 32)}`;
    return this.#remote(options, target, (run, signal) =>
      this.#turns.take(signal, async () => {
        await this.#fetchInto(run, `+${source}:${local}`, target);
        return this.#describe(run, local, target);
      }),
    );
  }

  /** The files that `selection` names, of a commit that was fetched before. */
  async readTree(commit: string, selection: TreeSelection = {}, options: GitCallOptions = {}): Promise<GitFile[]> {
    return this.#local(commit, options, (run, target) => readTreeFiles(run, commit, selection, target));
  }

  /** The key under which nothing below `paths` has changed: SHA-256 of the trees that stand there. */
  async treeHash(commit: string, paths: readonly string[], options: GitCallOptions = {}): Promise<string> {
    return this.#local(commit, options, (run, target) => hashPaths(run, commit, paths, target));
  }

  /**
   * Whether a commit that was fetched before carries the SSH signature of one of `allowedSigners` (lines of ssh-keygen's
   * ALLOWED SIGNERS format). Other kinds of signature are refused.
   */
  async verify(commit: string, allowedSigners: string, options: GitCallOptions = {}): Promise<Verification> {
    return this.#local(commit, options, (_run, target, signal) =>
      withCredentialFiles(this.directory, { allowedSigners }, (files) =>
        verifyCommit(
          this.#command(gitEnvironment(this.directory, this.#url, undefined, files), signal),
          commit,
          target,
        ),
      ),
    );
  }

  /** Removes the mirror from the disk. */
  async remove(): Promise<void> {
    await this.#turns.take(AbortSignal.timeout(60_000), () => rm(this.directory, { recursive: true, force: true }));
    this.#initialised = undefined;
  }

  async #fetchInto(run: GitCommand, refspec: string, target: GitTarget): Promise<void> {
    await removeLeftovers(this.directory);
    try {
      await this.#fetchOnce(run, refspec, target);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#log.warn({ err: error }, 'mirror is damaged, making it anew');
      // The folder with the credentials of this very call stays.
      for (const part of ['objects', 'refs', 'HEAD', 'config', 'shallow', 'packed-refs', 'FETCH_HEAD', 'info'])
        await rm(join(this.directory, part), { recursive: true, force: true });
      await run(['init', '--quiet', '--bare', '--template=']);
      await this.#fetchOnce(run, refspec, target);
    }
    if ((await packUsage(this.directory)).packs > MAX_PACKS) await this.#tidy(run);
  }

  async #fetchOnce(run: GitCommand, refspec: string, target: GitTarget): Promise<void> {
    const flags = [
      '--quiet',
      '--depth=1',
      '--no-tags',
      '--no-recurse-submodules',
      '--no-write-fetch-head',
      '--update-shallow',
    ];
    const tooLarge = new AbortController();
    const finished = new AbortController();
    const watching = this.#watchSize(finished.signal, tooLarge, target);
    try {
      await run(['fetch', ...flags, '--', this.url, refspec], { stop: tooLarge.signal });
    } finally {
      finished.abort();
      await watching;
    }
  }

  /** git has no limit of its own for what a fetch may bring. */
  async #watchSize(finished: AbortSignal, tooLarge: AbortController, target: GitTarget): Promise<void> {
    while (!finished.aborted) {
      const { incomingBytes } = await packUsage(this.directory);
      if (incomingBytes > this.#maxFetchBytes)
        tooLarge.abort(
          new GitLimitError(
            target,
            `the fetch brings more than ${this.#maxFetchBytes} bytes: split the repository, or raise the limit`,
          ),
        );
      await sleep(SIZE_CHECK_MS, undefined, { signal: finished }).catch(() => {});
    }
  }

  /** Every fetch adds a pack. What was fetched within a day stays readable. */
  async #tidy(run: GitCommand): Promise<void> {
    try {
      await run(['gc', '--quiet', '--cruft', '--prune=1.day.ago']);
    } catch (error) {
      this.#log.warn({ err: error }, 'mirror could not be tidied');
    }
  }

  async #describe(run: GitCommand, local: string, target: GitTarget): Promise<FetchedCommit> {
    const format = '--format=%H%x00%an <%ae>%x00%cI%x00%s';
    const args = [
      'log',
      '-1',
      '--no-mailmap',
      '--no-show-signature',
      '--encoding=UTF-8',
      format,
      `${local}^{commit}`,
      '--',
    ];
    const printed = await run(args).catch((error: unknown) => {
      if (error instanceof GitExitError)
        throw new GitRefNotFoundError(target, 'does not point to a commit', { cause: error });
      throw error;
    });
    const [commit = '', author = '', time = '', subject = ''] = printed.toString('utf8').trimEnd().split('\0');
    const treeOf = (path: string): Promise<string | undefined> =>
      this.#local(commit, {}, (command, at) => objectAt(command, commit, path, at));
    return { commit, author, subject, time, treeOf };
  }

  #nameOf(ref: GitRef, target: GitTarget): Exclude<FetchName, { kind: 'refused' }> {
    const name = fetchName(ref);
    if (name.kind === 'refused') throw new GitNameRefusedError(target, name.reason);
    return name;
  }

  async #remote<T>(
    options: GitRemoteOptions,
    target: GitTarget,
    work: (run: GitCommand, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { auth } = options;
    if (this.#url.protocol === 'ssh' && auth?.kind !== 'ssh')
      throw new GitAuthError(target, 'ssh needs a secret with identity and known_hosts in auth');
    if (this.#url.protocol === 'https' && auth?.kind === 'ssh')
      throw new GitAuthError(target, 'an ssh key is of no use for an https URL: give a password or a token');
    return this.#within(options, async (signal) => {
      try {
        await this.#ready();
        return await withCredentialFiles(this.directory, options, (files) => {
          const env = gitEnvironment(this.directory, this.#url, auth, files);
          return work(this.#command(env, signal), signal);
        });
      } catch (error) {
        throw remoteFailure(error, target);
      }
    });
  }

  async #local<T>(
    commit: string,
    options: GitCallOptions,
    work: (run: GitCommand, target: GitTarget, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const target = { url: this.url, ref: { commit } };
    this.#nameOf(target.ref, target);
    return this.#within(options, async (signal) => {
      try {
        await this.#ready();
        const env = gitEnvironment(this.directory, this.#url);
        return await work(this.#command(env, signal), target, signal);
      } catch (error) {
        throw localFailure(error, target);
      }
    });
  }

  async #within<T>(
    { signal, timeoutMs = 60_000 }: GitCallOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(timeoutMs);
    return work(signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
  }

  #command(env: Readonly<Record<string, string>>, signal: AbortSignal): GitCommand {
    return (args, { stop, ...options } = {}) =>
      runGit({ args, env, signal: stop === undefined ? signal : AbortSignal.any([signal, stop]), ...options });
  }

  async #ready(): Promise<void> {
    this.#initialised ??= this.#initialise();
    try {
      await this.#initialised;
    } catch (error) {
      this.#initialised = undefined;
      throw error;
    }
  }

  /** Once per process, for all callers: it has a deadline of its own. On a repository that is there, init changes nothing. */
  async #initialise(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await removeForgottenCredentials(this.directory);
    await removeLeftovers(this.directory);
    const env = gitEnvironment(this.directory, this.#url);
    await runGit({ args: ['init', '--quiet', '--bare', '--template='], env, signal: AbortSignal.timeout(30_000) });
  }
}
