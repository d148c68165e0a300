import { connectLattice } from '@kasmcloud/lattice';
import { UserError } from '../user-error.ts';
import { Applications, type RestTarget } from './rest.ts';
import { readWadmStore, type StoredModel } from './wadm-store.ts';

export interface ImportOptions {
  readonly natsUrl: string;
  readonly credentials: string | undefined;
  readonly domain: string | undefined;
  readonly lattice: string;
  readonly rest: RestTarget;
  /** Deploys what wadm has deployed. */
  readonly deploy: boolean;
  /** Only tells what there is. */
  readonly dryRun: boolean;
}

/**
 * Takes over what wadm keeps of a lattice: all versions of its applications, and, if wanted, what is deployed of them.
 * Safe to do again. Resolves with whether nothing was refused.
 */
export async function runImport(
  { natsUrl, credentials, domain, lattice, rest, deploy, dryRun }: ImportOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const connection = await connectLattice({
    servers: natsUrl,
    name: 'kasm-import',
    timeoutMs: 10_000,
    signal,
    ...(credentials !== undefined && { credentials: { kind: 'file', path: credentials } }),
  }).catch((error: unknown) => {
    throw new UserError(`--nats: ${error instanceof Error ? error.message : String(error)}`);
  });
  let models: StoredModel[];
  try {
    models = await readWadmStore(connection, lattice, { domain, signal });
  } finally {
    await connection.close();
  }
  if (models.length === 0) say(`wadm keeps no application of lattice ${lattice}`);
  const applications = new Applications(rest, lattice);
  let isGood = true;
  for (const model of models) {
    const { line, refused } = dryRun
      ? { line: told(model), refused: [] }
      : await take(applications, model, deploy, signal);
    say(`${model.name}: ${line}`);
    for (const why of refused) say(`  ${why}`);
    isGood &&= refused.length === 0;
  }
  return isGood;
}

const told = ({ versions, deployed }: StoredModel): string =>
  `${versions.length} version${versions.length === 1 ? '' : 's'}, ${deployed === undefined ? 'not deployed' : `${deployed} deployed`}`;

async function take(
  applications: Applications,
  { name, versions, deployed }: StoredModel,
  deploy: boolean,
  signal: AbortSignal,
): Promise<{ line: string; refused: string[] }> {
  const refused: string[] = [];
  const there = new Set<string>();
  let taken = 0;
  for (const { version, manifest } of versions) {
    const put = await applications.put(name, manifest, signal);
    if (put.kind === 'refused') refused.push(`${version}: ${put.why}`);
    else there.add(version);
    if (put.kind === 'put' && put.isNew) taken++;
  }
  const line = `${taken} of ${versions.length} versions taken over`;
  if (deployed !== undefined && !deploy) return { line: `${line}, ${deployed} left to wadm`, refused };
  if (deployed === undefined) return { line: `${line}, not deployed`, refused };
  if (!there.has(deployed)) return { line: `${line}, ${deployed} is deployed and was refused`, refused };
  const why = await applications.deploy(name, deployed, signal);
  if (why !== undefined) refused.push(`deploy of ${deployed}: ${why}`);
  return { line: `${line}, ${deployed} ${why === undefined ? 'deployed' : 'not deployed'}`, refused };
}
