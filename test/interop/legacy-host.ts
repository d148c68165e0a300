import type { LatticeConnection } from '@kasmcloud/lattice';
import { LaunchedProgram } from '@kasmcloud/testing';
import { controlSubject, decodePingReply, RUNTIME_LABEL, type Host } from '@kasmcloud/wire';

const READY_MS = 60_000;

export interface LegacyHostOptions {
  /** Path of the program. */
  readonly program: string;
  readonly natsPort: number;
  readonly lattice: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A real wasmCloud 1.x host. */
export class LegacyHost {
  readonly id: string;
  readonly friendlyName: string;
  readonly #running: LaunchedProgram;

  private constructor({ id, friendly_name: friendlyName }: Host, running: LaunchedProgram) {
    this.id = id;
    this.friendlyName = friendlyName;
    this.#running = running;
  }

  /** Resolves when it answers on its lattice. */
  static async start(connection: LatticeConnection, options: LegacyHostOptions): Promise<LegacyHost> {
    const { program, natsPort, lattice, labels = {} } = options;
    const before = new Set((await hostsOf(connection, lattice)).map(({ id }) => id));
    let found: Host | undefined;
    const running = await LaunchedProgram.start({
      program,
      args: [],
      env: {
        WASMCLOUD_NATS_PORT: String(natsPort),
        WASMCLOUD_LATTICE: lattice,
        WASMCLOUD_ALLOW_FILE_LOAD: 'true',
        WASMCLOUD_EXPERIMENTAL_FEATURES: 'builtin-http-server,builtin-http-client',
        WASMCLOUD_LOG_LEVEL: 'warn',
        ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`WASMCLOUD_LABEL_${key}`, value])),
      },
      ready: async () => {
        // One of ours may have answered too late before.
        found = (await hostsOf(connection, lattice)).find(
          ({ id, labels: its }) => !before.has(id) && its[RUNTIME_LABEL] === undefined,
        );
        return found !== undefined;
      },
      readyWithinMs: READY_MS,
    });
    if (found === undefined) throw new TypeError('a host that answers has no id');
    return new LegacyHost(found, running);
  }

  async stop(): Promise<void> {
    await this.#running.stop();
  }

  /** As when its machine loses power. */
  async kill(): Promise<void> {
    await this.#running.stop('SIGKILL');
  }
}

/** Hosts that answer a ping. */
export async function hostsOf(connection: LatticeConnection, lattice: string): Promise<Host[]> {
  const answers = await connection.scatter(controlSubject.hostPing(lattice), new Uint8Array(0), { waitMs: 500 });
  return answers.flatMap(({ data }) => decodePingReply(data).response ?? []);
}
