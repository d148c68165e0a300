import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LatticeConnection } from '@kasmcloud/lattice';
import { decodeJson, encodeJson, wadmSubject } from '@kasmcloud/wire';
import { parse } from 'yaml';
import { z } from 'zod';
import { kubectl } from '../e2e/kubectl.ts';
import type { Wash } from './wash.ts';

const REQUEST_MS = 30_000;

/** The name and the version that a manifest gives itself. */
const titleSchema = z.object({
  metadata: z.object({ name: z.string(), annotations: z.object({ version: z.string() }) }),
});

/** How a person leads an application's life. Each word resolves once it is accepted, and rejects with what was answered. */
export interface Way {
  readonly name: string;
  /** Whether versions that are not deployed are kept. */
  readonly keepsVersions: boolean;
  /** Has this manifest run: a new version of it, or an older one again. */
  deploy(manifest: string): Promise<unknown>;
  undeploy(application: string): Promise<unknown>;
  delete(application: string): Promise<unknown>;
}

/** Application resources, as docs/applications.md says. */
export function byKubectl(kubeconfig: string, lattice: string): Way {
  const run = async (args: readonly string[], input?: string): Promise<string> =>
    kubectl(kubeconfig, ['-n', lattice, ...args], input);
  return {
    name: 'kubectl',
    keepsVersions: false,
    deploy: async (manifest) => run(['apply', '-f', '-'], manifest),
    undeploy: async (application) =>
      run(['patch', 'application', application, '--type=merge', '-p', '{"spec":{"components":[]}}']),
    delete: async (application) => run(['delete', 'application', application]),
  };
}

const replySchema = z.looseObject({ result: z.string(), message: z.string() });
export type WadmAnswer = z.infer<typeof replySchema>;

/** One request of the wadm API. */
export async function askWadm(
  connection: LatticeConnection,
  subject: string,
  body: Uint8Array = new Uint8Array(0),
): Promise<WadmAnswer> {
  const { data } = await connection.request(subject, body, { timeoutMs: REQUEST_MS });
  return decodeJson('wadm reply', replySchema, data);
}

/** The requests that `wash app` makes. */
export function byWadm(connection: LatticeConnection, lattice: string): Way {
  const ask = async (operation: string, name?: string, body?: Uint8Array): Promise<void> => {
    const subject = wadmSubject.request(lattice, operation, name);
    const { result, message } = await askWadm(connection, subject, body);
    if (result === 'error' || result === 'notfound') throw new Error(`${subject}: ${message}`);
  };
  return {
    name: 'the wadm API',
    keepsVersions: true,
    deploy: async (manifest) => {
      const { name, version } = titleOf(manifest);
      await ask('put', undefined, new TextEncoder().encode(manifest));
      await ask('deploy', name, encodeJson({ version }));
    },
    undeploy: async (application) => ask('undeploy', application),
    delete: async (application) => ask('del', application),
  };
}

/** The program itself, with manifests as files of `folder`. */
export function byWash(wash: Wash, folder: string): Way {
  const run = async (...args: readonly string[]): Promise<void> => {
    const { code, text } = await wash.run(['app', ...args]);
    if (code !== 0) throw new Error(`wash app ${args.join(' ')}: ${text}`);
  };
  return {
    name: 'wash app',
    keepsVersions: true,
    deploy: async (manifest) => {
      const { name, version } = titleOf(manifest);
      const path = join(await mkdtemp(join(folder, 'manifest-')), `${name}.yaml`);
      await writeFile(path, manifest);
      await run('put', path);
      await run('deploy', name, version);
    },
    undeploy: async (application) => run('undeploy', application),
    delete: async (application) => run('delete', application),
  };
}

function titleOf(manifest: string): { readonly name: string; readonly version: string } {
  const { name, annotations } = titleSchema.parse(parse(manifest)).metadata;
  return { name, version: annotations.version };
}
