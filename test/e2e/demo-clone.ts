import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
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
    const manifest = join(this.#folder, 'examples', 'hello', 'application.yaml');
    const text = await readFile(manifest, 'utf8');
    // The first one is the component's; the server beside it has one of its own.
    const edited = text.replace(/instances: \d+/, `instances: ${instances}`);
    if (edited === text) return;
    await writeFile(manifest, edited);
    await git('-C', this.#folder, 'commit', '--quiet', '--all', '-m', `${instances} instances`);
    await git('-C', this.#folder, 'push', '--quiet');
  }
}

async function git(...args: string[]): Promise<void> {
  const author = ['-c', 'user.name=tester', '-c', 'user.email=tester@localhost'];
  await promisify(execFile)('git', [...author, ...args], { timeout: 30_000 });
}
