import { setTimeout as sleep } from 'node:timers/promises';
import { connectLattice, findWadm, type LatticeConnection, type WadmPresence } from '@kasmcloud/lattice';
import { UserError } from '../user-error.ts';
import { Applications, type RestTarget } from './rest.ts';
import { readWadmStore, type StoredModel } from './wadm-store.ts';

/** A look for wadm, and the time until the next one. */
const LOOK_MS = 10_000;
const AGAIN_MS = 500;

export interface ImportOptions {
  readonly natsUrl: string;
  readonly credentials: string | undefined;
  readonly domain: string | undefined;
  readonly lattice: string;
  readonly rest: RestTarget;
  /** Deploys what wadm has deployed, and so takes over what runs: only when no wadm works any more. */
  readonly deploy: boolean;
  /** With `deploy`: how long to wait for wadm to be stopped, milliseconds. */
  readonly waitMs: number;
  /** Only tells what there is. */
  readonly dryRun: boolean;
}

/**
 * Takes over what wadm keeps of a lattice: all versions of its applications, and, if wanted, what is deployed of them.
 * While wadm works, what it has deployed is left to it: two that deploy the same would run it twice. Safe to do again.
 * Resolves with whether all that was asked for is done.
 */
export async function runImport(
  options: ImportOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const { natsUrl, credentials, deploy, waitMs, dryRun } = options;
  const connection = await connectLattice({
    servers: natsUrl,
    name: 'kasm-import',
    timeoutMs: 10_000,
    signal,
    ...(credentials !== undefined && { credentials: { kind: 'file', path: credentials } }),
  }).catch((error: unknown) => {
    throw new UserError(`--nats: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    if (!deploy || dryRun) return await takeAll(connection, { ...options, deploy: false }, say, signal);
    const wadm = await findWadm(connection, { timeoutMs: LOOK_MS, signal, multitenant: false });
    if (wadm.kind === 'alone') return await takeAll(connection, options, say, signal);
    const isGood = await takeAll(connection, { ...options, deploy: false }, say, signal);
    say(`wadm works on this NATS (${wadm.evidence}): what it has deployed is left to it until it is stopped`);
    if (waitMs === 0 || !(await isGone(connection, waitMs, signal))) {
      say('nothing was deployed: stop wadm, undeploy nothing, and run this again');
      return false;
    }
    // It may have put or deployed something until its end.
    return (await takeAll(connection, options, say, signal)) && isGood;
  } finally {
    await connection.close();
  }
}

/** Whether wadm is gone within the time. */
async function isGone(connection: LatticeConnection, waitMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  const looks = { timeoutMs: LOOK_MS, signal, multitenant: false };
  let wadm: WadmPresence;
  do {
    await sleep(AGAIN_MS, undefined, { signal });
    wadm = await findWadm(connection, looks);
  } while (wadm.kind === 'wadm' && performance.now() < deadline);
  return wadm.kind === 'alone';
}

async function takeAll(
  connection: LatticeConnection,
  { domain, lattice, rest, deploy, dryRun }: ImportOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const models = await readWadmStore(connection, lattice, { domain, signal });
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
