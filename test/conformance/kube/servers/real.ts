import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kubeconfig } from '@kasmcloud/apiserver';
import { freePort, LaunchedProgram } from '@kasmcloud/testing';
import { KubeHttp } from '../http.ts';
import { users, type KubeServerUnderTest } from './server.ts';

const READY_WITHIN_MS = 120_000;

/** What of the controller manager our product relies on; the rest of it would only add objects of its own. */
const controllers = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
];

export interface RealServer extends KubeServerUnderTest {
  /** Of kube-apiserver and etcd. */
  readonly pids: readonly number[];
  /** For the user of a token. */
  kubeconfigOf(token: string): string;
}

export interface RealOptions {
  /** Whether etcd writes through to the disk before it answers. Default false: no test outlives its machine. */
  readonly fsync?: boolean;
  /** Whether the controller manager runs, where there is one. Default true. */
  readonly controllers?: boolean;
  /** Whether it also makes pods of Deployments. Default false. */
  readonly deployments?: boolean;
}

/** kube-apiserver with its etcd and, where the assets have one, the controller manager; stopped in reverse order. */
export async function startReal(assets: string, options: RealOptions = {}): Promise<RealServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-real-'));
  const running: LaunchedProgram[] = [];
  const close = async (): Promise<void> => {
    for (const program of running.toReversed()) await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const etcdPort = await freePort();
    running.push(await startEtcd(assets, folder, etcdPort, options.fsync === true));
    const port = await freePort();
    const url = `https://127.0.0.1:${port}`;
    const admin = randomUUID();
    await writeIdentity(folder, admin);
    running.push(await startApiServer(assets, folder, etcdPort, port, admin));
    const caPem = await readFile(join(folder, 'apiserver.crt'), 'utf8');
    const kubeconfigOf = (token: string): string => kubeconfig({ clusterName: 'kubernetes', url, caPem, token });
    const file = join(folder, 'kubeconfig');
    await writeFile(file, kubeconfigOf(admin));
    const pids = running.flatMap(({ pid }) => pid ?? []);
    const hasControllers = options.controllers !== false && existsSync(join(assets, 'kube-controller-manager'));
    if (hasControllers) {
      const more = options.deployments === true ? ['deployment-controller', 'replicaset-controller'] : [];
      running.push(await startControllers(assets, folder, file, [...controllers, ...more]));
    }
    const tokens = { admin, viewer: users.viewer.token, nobody: users.nobody.token };
    return { name: 'real', url, caPem, kubeconfig: file, kubeconfigOf, tokens, hasControllers, pids, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startEtcd(assets: string, folder: string, port: number, fsync: boolean): Promise<LaunchedProgram> {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  return LaunchedProgram.start({
    program: join(assets, 'etcd'),
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      ...(fsync ? [] : ['--unsafe-no-fsync']),
      '--log-level=error',
    ],
    readyWithinMs: READY_WITHIN_MS,
    ready: () => isHealthy(`${client}/health`),
  });
}

/** The keys of ServiceAccount tokens and the file of static tokens. */
async function writeIdentity(folder: string, admin: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(join(folder, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const lines = [
    `${admin},kubernetes-admin,,"system:masters"`,
    ...Object.values(users).map(({ token, user, groups }) => `${token},${user},,"${groups.join(',')}"`),
  ];
  await writeFile(join(folder, 'tokens.csv'), lines.join('\n'), { mode: 0o600 });
}

async function startApiServer(
  assets: string,
  folder: string,
  etcdPort: number,
  port: number,
  admin: string,
): Promise<LaunchedProgram> {
  return LaunchedProgram.start({
    program: join(assets, 'kube-apiserver'),
    args: [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--cert-dir=${folder}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--anonymous-auth=false',
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${join(folder, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
      '--profiling=false',
    ],
    readyWithinMs: READY_WITHIN_MS,
    ready: () => isReady(folder, port, '/readyz', admin),
  });
}

/** Both programs serve with the certificate that kube-apiserver made for itself. */
async function isReady(folder: string, port: number, path: string, token: string): Promise<boolean> {
  await sleep(100);
  const certificate = join(folder, 'apiserver.crt');
  if (!existsSync(certificate)) return false;
  const http = new KubeHttp(`https://127.0.0.1:${port}`, await readFile(certificate, 'utf8'));
  try {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    return (await http.ask({ method: 'GET', path, headers })).status === 200;
  } catch {
    return false;
  } finally {
    http.close();
  }
}

async function startControllers(
  assets: string,
  folder: string,
  kubeconfig: string,
  names: readonly string[],
): Promise<LaunchedProgram> {
  const port = await freePort();
  return LaunchedProgram.start({
    program: join(assets, 'kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--controllers=${names.join(',')}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--tls-cert-file=${join(folder, 'apiserver.crt')}`,
      `--tls-private-key-file=${join(folder, 'apiserver.key')}`,
      `--root-ca-file=${join(folder, 'apiserver.crt')}`,
      '--leader-elect=false',
      '--authorization-always-allow-paths=/healthz',
    ],
    readyWithinMs: READY_WITHIN_MS,
    ready: () => isReady(folder, port, '/healthz', ''),
  });
}

async function isHealthy(url: string): Promise<boolean> {
  await sleep(50);
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
