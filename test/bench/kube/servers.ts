/** The two API servers that are measured, each as a program of its own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '@kasmcloud/testing';
import { parse } from 'yaml';
import { startReal } from '../../conformance/kube/servers/real.ts';

export interface Server {
  /** `https://host:port` */
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** From the spawn of its first process to the first 200 of /readyz. */
  readonly startMs: number;
  readonly pids: readonly number[];
  /** What is on the disk, where the server keeps anything there. */
  readonly dataFolder?: string;
  /** At once, as a machine that loses its power; `close` has to follow. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const repository = join(import.meta.dirname, '..', '..', '..');
const mainFile = join(repository, 'apps', 'cli', 'dist', 'main.js');
const START_WITHIN_MS = 30_000;

/** As `kasm` itself starts Node. */
export const nodeFlags = ['--enable-source-maps', '--max-semi-space-size=64', '--no-flush-bytecode'];

/** Builds `kasm` where it is stale, so that the starts measured are starts and nothing else. */
export async function buildKasm(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(repository, 'apps', 'cli', 'bin', 'kasm.mjs'), 'version']);
}

/** `kasm apiserver`, in memory, or in a file where `durable`. */
export async function startEmbedded(durable: boolean): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-kasm-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const data = join(folder, 'data');
  // What is measured is the start of a server that has been there before: its CA is made once.
  if (durable) await (await spawnKasm(data, kubeconfig)).close();
  const server = await spawnKasm(durable ? data : ':memory:', kubeconfig);
  return {
    ...server,
    ...(durable && { dataFolder: data }),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `KASMCLOUD_BENCH_PROFILE` names a folder for CPU profiles. */
export function profiling(name: string): string[] {
  const folder = process.env['KASMCLOUD_BENCH_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(folder, name)}`];
}

async function spawnKasm(data: string, kubeconfig: string): Promise<Server> {
  const port = await freePort();
  const startedAt = performance.now();
  const args = ['apiserver', '--data', data, '--port', String(port), '--kubeconfig', kubeconfig];
  const child = spawn(process.execPath, [...nodeFlags, ...profiling('apiserver'), mainFile, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const url = `https://127.0.0.1:${port}`;
  while (!(await isReady(url))) {
    if (performance.now() - startedAt > START_WITHIN_MS) throw new Error(`kasm apiserver: not ready on ${url}`);
    await sleep(2);
  }
  const startMs = performance.now() - startedAt;
  const { caPem, token } = accessIn(await kubeconfigText(kubeconfig));
  return {
    url,
    caPem,
    token,
    startMs,
    pids: child.pid === undefined ? [] : [child.pid],
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    close: async () => {
      child.kill('SIGTERM');
      await exited;
      process.off('exit', killWithUs);
    },
  };
}

/** kube-apiserver with etcd, which syncs to the disk where `durable`. */
export async function startKubernetes(assets: string, durable: boolean): Promise<Server> {
  const startedAt = performance.now();
  const server = await startReal(assets, { fsync: durable, controllers: false });
  const { url, caPem, pids, tokens } = server;
  const kill = async (): Promise<void> => {
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await server.close();
  };
  const startMs = performance.now() - startedAt;
  return { url, caPem, pids, token: tokens.admin, startMs, kill, close: () => server.close() };
}

/** Written a moment after the server is ready. */
async function kubeconfigText(file: string): Promise<string> {
  for (let attempt = 0; attempt < 500; attempt++) {
    try {
      return await readFile(file, 'utf8');
    } catch {
      await sleep(10);
    }
  }
  throw new Error(`${file} was not written`);
}

function accessIn(kubeconfig: string): { caPem: string; token: string } {
  const { clusters, users } = parse(kubeconfig) as {
    clusters: [{ cluster: { 'certificate-authority-data': string } }];
    users: [{ user: { token: string } }];
  };
  const ca = Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64');
  return { caPem: ca.toString(), token: users[0].user.token };
}

/** The CA is not known before the server has made it. */
async function isReady(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const asked = request(`${url}/readyz`, { agent: false, rejectUnauthorized: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  asked.once('error', () => resolve(false));
  asked.end();
  return promise;
}

/** Resident memory of a server's processes together, in MB (10^6 bytes). */
export async function residentMb({ pids }: Server): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}
