import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, LaunchedProgram } from './launched-program.ts';

export interface S3Server {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  close(): Promise<void>;
}

const REGION = 'us-east-1';

/**
 * An S3-compatible server on a free port of 127.0.0.1: the versitygw that `VERSITYGW_BIN` names, over a folder of its own;
 * without it s3rver, a fake in this process that npm has.
 */
export async function startS3(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'kasm-s3-'));
  const program = process.env['VERSITYGW_BIN'];
  const started = await (program === undefined ? startFake(folder) : startGateway(program, folder));
  return {
    ...started,
    region: REGION,
    close: async () => {
      await started.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Started = Omit<S3Server, 'region'>;

/** The part of s3rver, which comes without types, that is used. */
type FakeS3 = new (options: { address: string; port: number; silent: boolean; directory: string }) => {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
};

async function startFake(directory: string): Promise<Started> {
  const Fake: FakeS3 = createRequire(import.meta.url)('s3rver');
  const server = new Fake({ address: '127.0.0.1', port: 0, silent: true, directory });
  const { port } = await server.run();
  return {
    url: `http://127.0.0.1:${port}`,
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    close: () => server.close(),
  };
}

async function startGateway(program: string, folder: string): Promise<Started> {
  const accessKeyId = 'tester';
  const secretAccessKey = 'tester-secret';
  const data = join(folder, 'data');
  await mkdir(data);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await LaunchedProgram.start({
    program,
    args: ['--access', accessKeyId, '--secret', secretAccessKey, '--port', `127.0.0.1:${port}`, 'posix', data],
    ready: async () => {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
      return answer !== undefined;
    },
  });
  return { url, accessKeyId, secretAccessKey, close: () => running.stop('SIGKILL') };
}
