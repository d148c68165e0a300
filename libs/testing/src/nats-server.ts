import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, LaunchedProgram } from './launched-program.ts';

export interface NatsOptions {
  /** Turns JetStream on, stored in the server's own temporary folder. */
  readonly jetstream?: boolean;
  /** JetStream domain; implies `jetstream`. */
  readonly domain?: string;
  /** Further lines of nats-server configuration, verbatim: accounts, leaf nodes, limits. */
  readonly config?: string;
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** Ends the process; data stays until `close`. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

/**
 * A real nats-server on a free port of 127.0.0.1, with its data in a temporary folder.
 * The program is `NATS_SERVER_BIN`, or the `nats-server` of the system.
 */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const program = findProgram('nats-server', 'NATS_SERVER_BIN');
  const folder = await mkdtemp(join(tmpdir(), 'kasm-nats-'));
  await writeFile(join(folder, 'nats.conf'), configuration(folder, options));

  // The server picks its first port itself and writes it down, so no other program can take it in between.
  let port: number | undefined;
  const launch = async (): Promise<LaunchedProgram> =>
    LaunchedProgram.start({
      program,
      args: ['-c', join(folder, 'nats.conf'), '-a', '127.0.0.1', '-p', String(port ?? -1), '--ports_file_dir', folder],
      ready: async () => {
        port ??= await writtenPort(folder);
        return port !== undefined && (await greets(port));
      },
    });

  let running = await launch();
  if (port === undefined) throw new TypeError('nats-server serves but told no port');
  const bound: number = port;
  return {
    url: `nats://127.0.0.1:${bound}`,
    port: bound,
    get pid() {
      return running.pid;
    },
    stop: async (signal) => running.stop(signal),
    restart: async () => {
      await running.stop();
      running = await launch();
    },
    pause: () => running.pause(),
    resume: () => running.resume(),
    close: async () => {
      await running.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, { jetstream, domain, config }: NatsOptions): string {
  const lines = [config ?? ''];
  if (jetstream === true || domain !== undefined) {
    const named = domain === undefined ? '' : `, domain: "${domain}"`;
    lines.push(`jetstream { store_dir: "${join(folder, 'jetstream')}"${named} }`);
  }
  return lines.join('\n');
}

/** The client port out of `nats-server_<pid>.ports`, which the server writes when it listens. */
async function writtenPort(folder: string): Promise<number | undefined> {
  const file = (await readdir(folder)).find((name) => name.endsWith('.ports'));
  if (file === undefined) return undefined;
  const found = /nats:\/\/127\.0\.0\.1:(\d+)/.exec(await readFile(join(folder, file), 'utf8'));
  return found === null ? undefined : Number(found[1]);
}

/** True when the server sends its INFO line, which it does before anything is asked. */
async function greets(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(1_000, () => resolve(false));
  socket.once('data', (chunk) => resolve(chunk.toString().startsWith('INFO')));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  const greeted = await promise;
  socket.destroy();
  return greeted;
}
