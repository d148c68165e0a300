import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { writeAtomically } from '../state/atomic-file.ts';

const oneCluster = z.object({
  clusters: z.tuple([z.object({ cluster: z.looseObject({}) })]),
  users: z.tuple([z.object({ user: z.looseObject({}) })]),
});

/** Joins the kubeconfigs of all clusters into one file with a context each; the first is the current one. */
export async function mergeKubeconfigs(
  path: string,
  parts: readonly { readonly name: string; readonly kubeconfig: string }[],
): Promise<void> {
  const read = await Promise.all(
    parts.map(async ({ name, kubeconfig }) => ({
      name,
      ...oneCluster.parse(parse(await readFile(kubeconfig, 'utf8'))),
    })),
  );
  const merged = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: read.map(({ name, clusters: [{ cluster }] }) => ({ name, cluster })),
    users: read.map(({ name, users: [{ user }] }) => ({ name, user })),
    contexts: read.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    'current-context': parts[0]?.name,
  };
  await writeAtomically(path, stringify(merged));
}
