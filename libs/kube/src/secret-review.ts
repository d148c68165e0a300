import { accountUser, builtin, LATTICE_ACCOUNT, type KubeObject, type SecretReference } from '@kasmcloud/kube-api';
import type { KubeClient } from './client.ts';

type Review = KubeObject<unknown, { readonly allowed: boolean; readonly denied?: boolean }>;

/**
 * Why a Secret of a namespace is not for those who name it: its ServiceAccount may not get it (DESIGN §10), or is not there;
 * the message names the account. Undefined when nothing speaks against it. Rejects with what the API server answers.
 */
export async function secretRefusal(
  client: Pick<KubeClient, 'create' | 'find'>,
  namespace: string,
  { name, account }: SecretReference,
  signal: AbortSignal,
): Promise<string | undefined> {
  const words = `ServiceAccount ${namespace}/${account}`;
  // RBAC may speak of an account that nobody has made: one that was chosen and misspelt is better told so.
  if (account !== LATTICE_ACCOUNT) {
    const found = await client.find(builtin.ServiceAccount, account, namespace, { signal });
    if (found === undefined) return `${words} does not exist`;
  }
  const resourceAttributes = {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: builtin.Secret.plural,
    namespace,
    name,
  };
  const spec = { ...accountUser(namespace, account), resourceAttributes };
  const { status } = await client.create<Review>(builtin.SubjectAccessReview, { metadata: {}, spec }, { signal });
  const isAllowed = status?.allowed === true && status.denied !== true;
  return isAllowed ? undefined : `${words} may not get it: bind it to a Role that allows that`;
}
