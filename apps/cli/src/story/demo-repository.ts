import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const DEADLINE_MS = 30_000;
const BRANCH = 'main';

/** Nobody's settings, hooks or signing keys reach the demo's commits. */
const SETTINGS = [
  'user.name=KasmCloud demo',
  'user.email=demo@kasmcloud.invalid',
  'commit.gpgSign=false',
  'core.hooksPath=/dev/null',
  'core.autocrlf=false',
].flatMap((setting) => ['-c', setting]);
const ENVIRONMENT = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

export interface Commit {
  /** Full hash. */
  readonly id: string;
  readonly subject: string;
}

/** The bare repository of the demo, and the clone in which its commits are made. */
export class DemoRepository {
  readonly bare: string;
  readonly #work: string;

  private constructor(folder: string) {
    this.bare = join(folder, 'demo.git');
    this.#work = join(folder, 'work');
  }

  /** Opens the repository in this folder, or makes it. */
  static async open(folder: string): Promise<DemoRepository> {
    const repository = new DemoRepository(folder);
    await mkdir(folder, { recursive: true });
    if (!existsSync(repository.bare)) await git(folder, 'init', '--quiet', '--bare', '-b', BRANCH, repository.bare);
    // A fresh clone each time: an earlier story may have been stopped between commit and push.
    await rm(repository.#work, { recursive: true, force: true });
    await git(folder, 'clone', '--quiet', repository.bare, repository.#work);
    return repository;
  }

  get url(): string {
    return pathToFileURL(this.bare).href;
  }

  /** Commits and pushes these files, by path in the repository. Without a difference the last commit stays. */
  async commit(subject: string, files: ReadonlyMap<string, string>): Promise<Commit> {
    for (const [path, content] of files) {
      const file = join(this.#work, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    await this.#git('add', '--all');
    if ((await this.#git('status', '--porcelain')) !== '') await this.#git('commit', '--quiet', '-m', subject);
    return this.#push();
  }

  /** Takes the last commit back with a new one. */
  async revert(): Promise<Commit> {
    await this.#git('revert', '--no-edit', 'HEAD');
    return this.#push();
  }

  async #push(): Promise<Commit> {
    await this.#git('push', '--quiet', 'origin', `HEAD:${BRANCH}`);
    const [id = '', subject = ''] = (await this.#git('log', '-1', '--format=%H%n%s')).split('\n');
    return { id, subject };
  }

  async #git(...args: string[]): Promise<string> {
    return git(this.#work, ...args);
  }
}

async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [...SETTINGS, ...args], {
    cwd: folder,
    env: { ...process.env, ...ENVIRONMENT },
    timeout: DEADLINE_MS,
  });
  return stdout.trim();
}
