import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ENV = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};

/** A repository with a work tree in a directory for the time of a test, and room for mirrors beside it. */
export class Origin {
  readonly root: string = mkdtempSync(join(tmpdir(), 'kasmcloud-git-'));
  readonly directory: string = join(this.root, 'origin');
  readonly cacheDirectory: string = join(this.root, 'cache');
  readonly url: string = pathToFileURL(this.directory).href;

  constructor() {
    mkdirSync(this.directory);
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...args: string[]): string {
    return this.gitWith('', ...args);
  }

  gitWith(input: string | Buffer, ...args: string[]): string {
    return execFileSync('git', args, { cwd: this.directory, env: ENV, input, stdio: ['pipe', 'pipe', 'pipe'] })
      .toString()
      .trim();
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.directory, path)), { recursive: true });
      writeFileSync(join(this.directory, path), content);
    }
  }

  /** Writes the files and commits all; gives the commit. */
  commit(files: Readonly<Record<string, string>>, subject = 'Change'): string {
    this.write(files);
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '-m', subject);
    return this.git('rev-parse', 'HEAD');
  }

  /** A commit of a tree that no work tree could have; gives the commit, on branch `branch`. */
  forge(branch: string, lines: readonly string[]): string {
    const tree = this.gitWith(lines.map((line) => `${line}\0`).join(''), 'mktree', '-z', '--missing');
    const commit = this.git('commit-tree', tree, '-m', 'Forged');
    this.git('update-ref', `refs/heads/${branch}`, commit);
    return commit;
  }

  blob(content: string): string {
    return this.gitWith(content, 'hash-object', '-w', '--stdin');
  }

  /** A raw tree object: also names that mktree refuses. */
  rawTree(entries: readonly { readonly mode: string; readonly name: string; readonly id: string }[]): string {
    const body = Buffer.concat(
      entries.map(({ mode, name, id }) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])),
    );
    return this.gitWith(body, 'hash-object', '-w', '--stdin', '-t', 'tree', '--literally');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
