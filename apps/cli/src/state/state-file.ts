import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from './atomic-file.ts';

const identity = z.object({ pid: z.int(), startedAt: z.string() });

/** What `kasm up` tells about itself, for scripts and for its own next start. */
export const stateSchema = z.object({
  pid: z.int(),
  processes: z.array(
    z.object({
      name: z.string(),
      pid: z.int().optional(),
      port: z.int().optional(),
      restarts: z.int(),
      identity: identity.optional(),
    }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      region: z.string().optional(),
      kubeconfig: z.string(),
      url: z.string(),
      frontDoor: z.string().optional(),
      natsUrl: z.string().optional(),
    }),
  ),
  ports: z.record(z.string(), z.int()),
  restUrl: z.string(),
  natsUrl: z.string(),
  kubeconfig: z.string(),
  token: z.string().optional(),
});

export type State = z.infer<typeof stateSchema>;

/** The state that an instance left; undefined when there is none that can be read. */
export async function readState(path: string): Promise<State | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes the newest state, one write at a time: many changes in a row become one. */
export class StateFile {
  readonly #path: string;
  readonly #read: () => Promise<State>;
  #dirty = false;
  #writing: Promise<void> | undefined;

  constructor(path: string, read: () => Promise<State>) {
    this.#path = path;
    this.#read = read;
  }

  /** Writes soon. Resolves when a state not older than this call is on disk. */
  async save(): Promise<void> {
    this.#dirty = true;
    this.#writing ??= this.#write();
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#dirty) {
        this.#dirty = false;
        await writeAtomically(this.#path, `${JSON.stringify(await this.#read(), null, 2)}\n`);
      }
    } finally {
      this.#writing = undefined;
    }
  }
}
