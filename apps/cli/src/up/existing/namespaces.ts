import { setTimeout as sleep } from 'node:timers/promises';
import { builtin, type KubeObject } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { z } from 'zod';

/** What every namespace gets from a controller manager, within moments. */
const ROOT_CA = 'kube-root-ca.crt';
const LOOK_MS = 250;
const GONE_MS = 60_000;

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), namespaced: z.boolean(), verbs: z.array(z.string()) })),
});
const groupList = z.object({
  groups: z.array(z.object({ preferredVersion: z.object({ groupVersion: z.string() }) })),
});
const objectList = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

type Namespace = KubeObject<{ readonly finalizers?: readonly string[] }>;

/**
 * Deletes a namespace with all that is in it, and waits until it is gone. Where no controller manager does it, every
 * resource is emptied here and the namespace released afterwards. Returns what keeps it, if anything does.
 */
export async function deleteNamespace(client: KubeClient, name: string, signal: AbortSignal): Promise<string[]> {
  const standing = await client.find<Namespace>(builtin.Namespace, name, undefined, { signal });
  if (standing === undefined) return [];
  const { uid } = standing.metadata;
  const hasController = (await client.find(builtin.ConfigMap, ROOT_CA, name, { signal })) !== undefined;
  await client.delete(builtin.Namespace, name, undefined, { uid, signal });
  if (!hasController) {
    const left = await emptyNamespace(client, name, signal);
    if (left.length > 0) return left.map((object) => `${object} in namespace ${name}`);
    await release(client, name, uid, signal);
  }
  const deadline = performance.now() + GONE_MS;
  while (performance.now() < deadline) {
    const found = await client.find(builtin.Namespace, name, undefined, { signal });
    if (found === undefined || found.metadata.uid !== uid) return [];
    await sleep(LOOK_MS, undefined, { signal });
  }
  return [`namespace ${name}, which is not gone ${GONE_MS / 1000} s after it was deleted`];
}

/** Deletes everything in a namespace. Returns what is still there, such as what a finalizer holds. */
async function emptyNamespace(client: KubeClient, name: string, signal: AbortSignal): Promise<string[]> {
  const groups = groupList.parse(await client.raw('GET', '/apis', undefined, { signal })).groups;
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const left: string[] = [];
  for (const root of roots) {
    const { resources } = resourceList.parse(await client.raw('GET', root, undefined, { signal }));
    for (const { name: plural, namespaced, verbs } of resources) {
      if (!namespaced || !verbs.includes('deletecollection') || !verbs.includes('list')) continue;
      const path = `${root}/namespaces/${name}/${plural}`;
      await client.raw('DELETE', path, undefined, { signal });
      const { items } = objectList.parse(await client.raw('GET', `${path}?limit=10`, undefined, { signal }));
      left.push(...items.map(({ metadata }) => `${plural}/${metadata.name}`));
    }
  }
  return left;
}

/** Takes away the finalizer that a namespace controller would take away. */
async function release(client: KubeClient, name: string, uid: string | undefined, signal: AbortSignal): Promise<void> {
  const standing = await client.find<Namespace>(builtin.Namespace, name, undefined, { signal });
  if (standing === undefined || standing.metadata.uid !== uid) return;
  const finalizers = (standing.spec?.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes');
  const path = `/api/v1/namespaces/${name}/finalize`;
  await client.raw('PUT', path, { ...standing, spec: { ...standing.spec, finalizers } }, { signal });
}
