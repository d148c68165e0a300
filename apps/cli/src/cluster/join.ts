import { readFileSync } from 'node:fs';
import { fieldManagers, type ClusterSpec } from '@kasmcloud/kube-api';
import {
  checkMember,
  joinCluster,
  KubeClient,
  KubeconfigError,
  KubeError,
  loadKubeconfig,
  UnreachableError,
  UnsafeKubeconfigError,
  type KubeTarget,
} from '@kasmcloud/kube';
import { UserError } from '../user-error.ts';
import { onHub, type HubFlags, type Say } from './hub.ts';
import { installMember } from './install.ts';
import { plainKubeconfig } from './plain-kubeconfig.ts';

export interface JoinFlags extends HubFlags {
  readonly clusterKubeconfig?: string;
  readonly clusterContext?: string;
  readonly inCluster?: boolean;
  readonly install?: boolean;
  readonly lattices?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly labels?: string;
  readonly secrets?: NonNullable<ClusterSpec['secrets']>;
}

/** Makes a cluster a member. Nothing is written on the hub before the member is fit for it. */
export async function join(name: string, flags: JoinFlags, say: Say, signal: AbortSignal): Promise<void> {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    throw new UserError(`"${name}" cannot be the name of a cluster: small letters, digits and -, at most 63`);
  const { clusterKubeconfig: file, inCluster = false } = flags;
  if ((file !== undefined) === inCluster)
    throw new UserError('give --cluster-kubeconfig for a cluster of its own, or --in-cluster for the hub');
  if (flags.lattices !== undefined && flags.install !== true)
    throw new UserError('--lattices says what --install may grant: give both');
  const { region, zone, secrets } = flags;
  const about = {
    name,
    ...(region !== undefined && { region }),
    ...(zone !== undefined && { zone }),
    ...(secrets !== undefined && { secrets }),
    ...(flags.labels !== undefined && { labels: labelsOf(flags.labels) }),
  };
  const access = file === undefined ? undefined : await prepare(name, file, flags, say, signal);
  await onHub(flags, async (hub) => {
    await joinCluster(
      hub,
      { ...about, kubeconfig: undefined, ...access, renewToken: flags.install === true },
      { fieldManager: fieldManagers.cli, signal },
    );
  });
  say(`${name} has joined; kasm cluster list tells when it is ready`);
}

interface Access {
  readonly kubeconfig: string;
  readonly identity: string | undefined;
}

/** Looks whether a cluster can be a member, and makes it one that can when asked to. @throws {UserError} */
async function prepare(name: string, file: string, flags: JoinFlags, say: Say, signal: AbortSignal): Promise<Access> {
  const { target, text } = readMember(name, file, flags.clusterContext);
  const client = new KubeClient(target, { userAgent: 'kasm' });
  try {
    if (flags.install !== true) return { kubeconfig: text, identity: await identityOf(name, client, signal) };
    const { kubeconfig, expires } = await installMember({ name, client, target }, latticesOf(flags.lattices), signal);
    say(
      `${name}: definitions, roles and account kasmcloud-member are installed; its token ends ${expires}, and is renewed before`,
    );
    const own = new KubeClient(loadKubeconfig({ text: kubeconfig, untrusted: true }), { userAgent: 'kasm' });
    try {
      return { kubeconfig, identity: await identityOf(name, own, signal) };
    } finally {
      await own.close();
    }
  } catch (error) {
    throw inWords(name, error);
  } finally {
    await client.close();
  }
}

async function identityOf(name: string, client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  const { problem, identity } = await checkMember(client, signal);
  if (problem !== undefined) throw new UserError(`${name} (${client.server}) ${problem.message}`);
  return identity;
}

/** Of a file with many clusters only the one that joins is passed on. */
function readMember(name: string, file: string, context: string | undefined): { target: KubeTarget; text: string } {
  const option = `--cluster-kubeconfig: ${file}`;
  try {
    const text = readFileSync(file, 'utf8');
    const target = loadKubeconfig({ text, untrusted: true, ...(context !== undefined && { context }) });
    return { target, text: plainKubeconfig(name, target) };
  } catch (error) {
    const options = { cause: error };
    if (error instanceof UnsafeKubeconfigError) throw new UserError(`${option}: ${error.message}: ${REMEDY}`, options);
    if (error instanceof KubeconfigError) throw new UserError(`${option}: ${error.message}`, options);
    if (error instanceof Error && 'code' in error)
      throw new UserError(`${option} cannot be read: ${error.message}`, options);
    throw error;
  }
}

const REMEDY =
  'a member’s kubeconfig must carry its credentials itself: kubectl config view --raw --minify --flatten puts files into ' +
  'it, and a token of a ServiceAccount takes the place of a program';

function latticesOf(list: string | undefined): string[] {
  const names = (list ?? '').split(',').filter((name) => name !== '');
  const wrong = names.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name) || name.startsWith('kube-'));
  if (wrong !== undefined) throw new UserError(`--lattices: "${wrong}" cannot be a lattice`);
  return names;
}

function labelsOf(list: string): Record<string, string> {
  const pairs = list.split(',').map((pair) => pair.split('='));
  const wrong = pairs.find((pair) => pair.length !== 2 || pair[0] === '');
  if (wrong !== undefined) throw new UserError(`--labels: "${wrong.join('=')}" is not key=value`);
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, value]));
}

function inWords(name: string, error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof UnreachableError) return new UserError(`${name} cannot be reached: ${error.message}`, options);
  if (error instanceof KubeError && error.status === 401)
    return new UserError(
      `${name} does not accept the credentials of its kubeconfig: are they of this cluster, and not expired?`,
      options,
    );
  return error instanceof KubeError ? new UserError(`${name} refuses: ${error.message}`, options) : error;
}
