import { readFileSync } from 'node:fs';
import { KubeClient, KubeconfigError, loadKubeconfig, UnsafeKubeconfigError, type KubeTarget } from '@kasmcloud/kube';
import { UserError } from '../../user-error.ts';
import type { ClusterOption, KubeconfigOption } from '../cluster-words.ts';

/** A cluster that was there before, asked as whoever its kubeconfig names. */
export interface ExistingCluster {
  readonly name: string;
  readonly target: KubeTarget;
  readonly client: KubeClient;
  readonly isHub: boolean;
  readonly isMember: boolean;
}

/** A cluster given with `--clusters` cannot be used; says which, why, and what to do. */
export class ClusterRefusedError extends UserError {
  override readonly name = 'ClusterRefusedError';
  readonly cluster: string;

  constructor({ name, client }: Pick<ExistingCluster, 'name' | 'client'>, why: string, options?: ErrorOptions) {
    super(`--clusters: ${name} (${client.server}) ${why}`, options);
    this.cluster = name;
  }
}

/**
 * Opens one cluster. The kubeconfig of a hub is the operator's own and may name files and programs; a member's must
 * carry its credentials itself (DESIGN §10). Throws UserError naming file and field.
 */
export function openCluster(option: ClusterOption, role: { isHub: boolean; isMember: boolean }): ExistingCluster {
  const { name, kubeconfig } = option;
  if (kubeconfig === undefined) throw new TypeError(`${name} is embedded`);
  const target = role.isMember ? readMember(kubeconfig) : read(kubeconfig);
  return { name, target, client: new KubeClient(target, { userAgent: 'kasm' }), ...role };
}

function read(option: KubeconfigOption): KubeTarget {
  try {
    return loadKubeconfig(option);
  } catch (error) {
    throw refusal(option, error);
  }
}

function readMember(option: KubeconfigOption): KubeTarget {
  const { file, context } = option;
  try {
    const text = readFileSync(file, 'utf8');
    return loadKubeconfig({ text, untrusted: true, ...(context !== undefined && { context }) });
  } catch (error) {
    throw refusal(option, error);
  }
}

function refusal(option: KubeconfigOption, error: unknown): unknown {
  const { file } = option;
  if (error instanceof UnsafeKubeconfigError) {
    return new UserError(`--clusters: ${file}: ${error.message}: ${remedy(option, error.field)}`, { cause: error });
  }
  if (error instanceof KubeconfigError) return new UserError(`--clusters: ${file}: ${error.message}`, { cause: error });
  if (error instanceof Error && 'code' in error) {
    return new UserError(`--clusters: ${file} cannot be read: ${error.message}`, { cause: error });
  }
  return error;
}

/** What to do about a field that a member's kubeconfig may not have. */
function remedy({ file, context }: KubeconfigOption, field: string): string {
  if (/\.(exec|auth-provider|tokenFile|token-file)$/.test(field)) {
    return 'give one with a token in it, such as kubectl create token prints for an administrator’s ServiceAccount';
  }
  if (field.endsWith('.insecure-skip-tls-verify')) return 'give one with certificate-authority-data in its place';
  if (!/\.(certificate-authority|client-certificate|client-key)$/.test(field)) return 'remove that field';
  const chosen = context === undefined ? '' : ` --context '${context}'`;
  return `make one that carries everything: kubectl --kubeconfig '${file}'${chosen} config view --raw --minify --flatten`;
}
