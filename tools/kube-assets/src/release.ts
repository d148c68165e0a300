import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { etcdVersion, kubernetesVersion, programs } from './pinned.ts';
import { UnavailableError } from './unavailable-error.ts';

const CONNECT_MS = 3_000;
const DOWNLOAD_MS = 300_000;

const kubernetesRelease = `https://dl.k8s.io/v${kubernetesVersion}/bin`;
const etcdRelease = `https://github.com/etcd-io/etcd/releases/download/v${etcdVersion}`;

/** Downloads the official release into `folder`, every file checked against its published SHA-256. */
export async function download(folder: string, tell: (line: string) => void): Promise<void> {
  const platform = releasePlatform();
  await reach(`${kubernetesRelease}/${platform}/kubectl.sha256`);
  await mkdir(folder, { recursive: true });
  for (const program of programs.filter((name) => name !== 'etcd')) {
    const address = `${kubernetesRelease}/${platform}/${program}`;
    tell(`downloading ${address}`);
    const bytes = await fetchBytes(address);
    const digest = (await fetchBytes(`${address}.sha256`)).toString();
    check(address, bytes, digest);
    await writeFile(join(folder, program), bytes, { mode: 0o755 });
  }
  await downloadEtcd(folder, platform, tell);
}

async function downloadEtcd(folder: string, platform: string, tell: (line: string) => void): Promise<void> {
  const name = `etcd-v${etcdVersion}-${platform.replace('/', '-')}`;
  const archive = `${name}.tar.gz`;
  tell(`downloading ${etcdRelease}/${archive}`);
  const bytes = await fetchBytes(`${etcdRelease}/${archive}`);
  const sums = (await fetchBytes(`${etcdRelease}/SHA256SUMS`)).toString();
  check(archive, bytes, sums.split('\n').find((line) => line.endsWith(archive)) ?? '');
  const file = join(folder, archive);
  await writeFile(file, bytes);
  await promisify(execFile)('tar', ['-xzf', file, '-C', folder, '--strip-components=1', `${name}/etcd`]);
  await rm(file);
}

/** Fails within seconds where the release cannot be reached. */
async function reach(address: string): Promise<void> {
  await fetchBytes(address, CONNECT_MS);
}

async function fetchBytes(address: string, withinMs: number = DOWNLOAD_MS): Promise<Buffer> {
  let response: Response;
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(withinMs) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new UnavailableError(`${address} cannot be downloaded`, { cause: error });
  }
  throw new UnavailableError(`${address} answered ${response.status}`);
}

/** `published` starts with the SHA-256 in hex. */
function check(what: string, bytes: Buffer, published: string): void {
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (!published.startsWith(digest)) {
    throw new Error(`${what} has SHA-256 ${digest}, its release says ${published.trim().slice(0, 64)}: not installed`);
  }
}

function releasePlatform(): string {
  const machine = new Map([
    ['x64', 'amd64'],
    ['arm64', 'arm64'],
  ]).get(process.arch);
  if (process.platform !== 'linux' || machine === undefined) {
    throw new UnavailableError(`there is no release of kube-apiserver for ${process.platform}/${process.arch}`);
  }
  return `linux/${machine}`;
}
