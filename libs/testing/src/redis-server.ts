import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort, LaunchedProgram, LaunchError } from './launched-program.ts';

export interface RedisServer {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** Ends the process: SIGTERM saves its data first, SIGKILL loses what was not yet on disk. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port with what it saved. */
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

const durable = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'];

/**
 * A real redis-server on a free port of 127.0.0.1 that never evicts, as BullMQ asks, and appends its data to a file.
 * The program is `REDIS_SERVER_BIN`, or the `redis-server` of the system.
 */
export async function startRedis(): Promise<RedisServer> {
  const program = findProgram('redis-server', 'REDIS_SERVER_BIN');
  const folder = await mkdtemp(join(tmpdir(), 'kasm-redis-'));
  const launch = async (port: number): Promise<LaunchedProgram> =>
    LaunchedProgram.start({
      program,
      args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...durable],
      ready: async () => answersPing(port),
    });

  // Redis cannot choose its own port; another program may take the free one first, so try a few.
  const launchSomewhere = async (attempts: number): Promise<[number, LaunchedProgram]> => {
    const port = await freePort();
    try {
      return [port, await launch(port)];
    } catch (error) {
      if (attempts === 1 || !(error instanceof LaunchError)) throw error;
      return launchSomewhere(attempts - 1);
    }
  };
  const [port, first] = await launchSomewhere(3);
  let running = first;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.pid;
    },
    stop: async (signal) => running.stop(signal),
    restart: async () => {
      await running.stop();
      running = await launch(port);
    },
    pause: () => running.pause(),
    resume: () => running.resume(),
    close: async () => {
      await running.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answersPing(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
  socket.setTimeout(1_000, () => resolve(false));
  socket.once('data', (chunk) => resolve(chunk.toString().startsWith('+PONG')));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  const answered = await promise;
  socket.destroy();
  return answered;
}
