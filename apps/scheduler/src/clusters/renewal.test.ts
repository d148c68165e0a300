import { readFile } from 'node:fs/promises';
import {
  annotations,
  builtin,
  fieldManagers,
  memberKinds,
  SYSTEM_NAMESPACE,
  type ClusterObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { joinCluster, KubeClient, loadKubeconfig, readToken, requestToken } from '@kasmcloud/kube';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { renewCredentials } from './renewal.ts';

const ACCOUNT = { name: 'kasmcloud-member', namespace: SYSTEM_NAMESPACE };
const HOUR_S = 3_600;
const never = new AbortController().signal;

interface Role {
  readonly metadata: { readonly name: string };
  readonly rules: object[];
}

let hub: TestApiServer;
let member: TestApiServer;
let cluster: ClusterObject;
let account: KubeClient;
let first: string;
beforeAll(async () => {
  [hub, member] = await Promise.all([startTestApiServer(), startTestApiServer({ crds: memberKinds })]);
  for (const server of [hub, member]) await server.namespace(SYSTEM_NAMESPACE);
  await member.client.create(builtin.ServiceAccount, { metadata: ACCOUNT });
});
beforeEach(async () => {
  first = (await requestToken(member.client, ACCOUNT, HOUR_S, { signal: never })).token;
  const kubeconfig = member.kubeconfig().replace(member.adminToken, first);
  const joining = { name: 'eu-1', region: 'eu', kubeconfig, renewToken: true };
  cluster = await joinCluster(hub.client, joining, { fieldManager: fieldManagers.cli });
  account = new KubeClient(loadKubeconfig({ text: kubeconfig, untrusted: true }));
});
afterEach(() => account.close());
afterAll(async () => {
  await Promise.all([hub.close(), member.close()]);
});

/** Gives the account the rights on the system namespace that are shipped. */
async function grant(): Promise<void> {
  const text = await readFile(`${import.meta.dirname}/../../../../deploy/rbac/roles.yaml`, 'utf8');
  const roles = parseAllDocuments(text).map((document): Role => document.toJS());
  const role = `${ACCOUNT.name}-system`;
  const rules = roles.find(({ metadata }) => metadata.name === role)?.rules ?? [];
  await member.client.create(builtin.ClusterRole, { metadata: { name: role }, rules });
  await member.client.create(builtin.RoleBinding, {
    metadata: { name: role, namespace: SYSTEM_NAMESPACE },
    roleRef: { apiGroup: builtin.ClusterRole.group, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', ...ACCOUNT }],
  });
}

async function standing(): Promise<string> {
  const secret = await hub.client.get<KubeObject & { data: { kubeconfig: string } }>(
    builtin.Secret,
    'kubeconfig-eu-1',
    SYSTEM_NAMESPACE,
  );
  const text = Buffer.from(secret.data.kubeconfig, 'base64').toString('utf8');
  return loadKubeconfig({ text, untrusted: true }).credentials.token ?? '';
}

const renewAt = (nowMs: number): Promise<string | undefined> =>
  renewCredentials({ hub: hub.client, member: account, nowMs }, cluster, never);

test('a member that may not renew its token says so, and keeps it', async () => {
  await expect(renewAt(Date.now() + 0.6 * HOUR_S * 1_000)).rejects.toThrow(
    /^the member's token ends \S+Z and cannot be renewed: .*forbidden/,
  );
  expect(await standing()).toBe(first);
});

test('a token is renewed by itself once half its life is over, not before', async () => {
  await grant();
  expect(await renewAt(Date.now() + 0.4 * HOUR_S * 1_000)).toBeUndefined();
  expect(await standing()).toBe(first);
  const ends = await renewAt(Date.now() + 0.6 * HOUR_S * 1_000);
  const renewed = await standing();
  expect(renewed).not.toBe(first);
  expect(readToken(renewed)?.account).toEqual(ACCOUNT);
  expect(Date.parse(ends ?? '')).toBe(readToken(renewed)?.expiresMs);
  const text = member.kubeconfig().replace(member.adminToken, renewed);
  const again = new KubeClient(loadKubeconfig({ text, untrusted: true }));
  expect((await again.list(builtin.Lease, { namespace: SYSTEM_NAMESPACE })).items).toEqual([]);
  await again.close();
});

test('a Secret that does not ask for it is left alone, and so is a token that is nobody’s account', async () => {
  const late = Date.now() + HOUR_S * 1_000;
  const mark = (value: string | null): Promise<unknown> =>
    hub.client.patch(
      builtin.Secret,
      'kubeconfig-eu-1',
      SYSTEM_NAMESPACE,
      { metadata: { annotations: { [annotations.renewToken]: value } } },
      { type: 'merge' },
    );
  await mark(null);
  expect(await renewAt(late)).toBeUndefined();
  await mark('true');
  const kubeconfig = Buffer.from(member.kubeconfig()).toString('base64');
  const patch = { data: { kubeconfig } };
  await hub.client.patch(builtin.Secret, 'kubeconfig-eu-1', SYSTEM_NAMESPACE, patch, { type: 'merge' });
  expect(await renewAt(late)).toBeUndefined();
  expect(await standing()).toBe(member.adminToken);
});
