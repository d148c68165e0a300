import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A person's clone of the demo's repository. */
export class DemoClone {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async of(stateFolder: string): Promise<DemoClone> {
    const folder = join(stateFolder, 'clone');
    await git('clone', '--quiet', join(stateFolder, 'git', 'demo.git'), folder);
    return new DemoClone(folder);
  }

  /** Commits and pushes another number of instances. */
  async scale(instances: number): Promise<void> {
    const path = 'examples/hello/application.yaml';
    const text = await readFile(join(this.#folder, path), 'utf8');
    // The first one is the component's; the server beside it has one of its own.
    const edited = text.replace(/instances: \d+/, `instances: ${instances}`);
    if (edited !== text) await this.put(path, edited);
  }

  /** Commits and pushes a file. Resolves with the commit. */
  async put(path: string, text: string): Promise<string> {
    await writeFile(join(this.#folder, path), text);
    return this.#push(`Write ${path}`);
  }

  /** Commits and pushes that a file is gone. Resolves with the commit. */
  async remove(path: string): Promise<string> {
    await rm(join(this.#folder, path));
    return this.#push(`Remove ${path}`);
  }

  async #push(subject: string): Promise<string> {
    await git('-C', this.#folder, 'add', '--all');
    await git('-C', this.#folder, 'commit', '--quiet', '-m', subject);
    await git('-C', this.#folder, 'push', '--quiet');
    return (await git('-C', this.#folder, 'rev-parse', 'HEAD')).trim();
  }
}

async function git(...args: string[]): Promise<string> {
  const author = ['-c', 'user.name=tester', '-c', 'user.email=tester@localhost'];
  return (await promisify(execFile)('git', [...author, ...args], { timeout: 30_000 })).stdout;
}
