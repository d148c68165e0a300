import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { killGroup } from './provider-process.ts';

const note = z.object({ pid: z.int().min(2), born: z.string().min(1) });

/**
 * Which processes this host has started, on disk: a host that was killed leaves them behind, and the next one ends them
 * before it starts the same providers again. Where the system does not tell when a process was born, nothing is noted.
 */
export class Orphans {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async note(pid: number): Promise<void> {
    const born = await birthOf(pid);
    if (born === undefined) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFile(this.#file(pid), JSON.stringify({ pid, born }));
  }

  async forget(pid: number): Promise<void> {
    await rm(this.#file(pid), { force: true });
  }

  /** Ends what an earlier host has left. Resolves with the process ids. */
  async end(): Promise<number[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const ended = await Promise.all(names.map((name) => this.#end(join(this.#folder, name))));
    return ended.flat();
  }

  async #end(file: string): Promise<number[]> {
    const left = parseNote(await readFile(file, 'utf8').catch(() => ''));
    await rm(file, { force: true });
    // The number may be another's by now: it is the same process only if it was born at the same moment.
    if (left === undefined || (await birthOf(left.pid)) !== left.born) return [];
    killGroup(left.pid);
    return [left.pid];
  }

  #file(pid: number): string {
    return join(this.#folder, `${pid}.json`);
  }
}

/** A note that was not written to its end says nothing. */
function parseNote(text: string): z.infer<typeof note> | undefined {
  try {
    return note.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** When a process was started, in the words of Linux (proc(5), field 22 of `stat`); undefined for one that is gone. */
async function birthOf(pid: number): Promise<string | undefined> {
  const [text, boot] = await Promise.all(
    [`/proc/${pid}/stat`, '/proc/sys/kernel/random/boot_id'].map((path) =>
      readFile(path, 'utf8').catch(() => undefined),
    ),
  );
  // The program's name is in parentheses and may hold anything; the fields after it are numbers.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields?.[19];
  // A dead process that nobody has waited for does nothing any more.
  return ticks === undefined || fields?.[0] === 'Z' ? undefined : `${boot?.trim()} ${ticks}`;
}
