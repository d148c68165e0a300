import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, repositoryRoot, type State } from '../e2e/kasm.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { imageFolder } from './sessions.ts';
import type { Witness } from './witness.ts';
import { lattices, type InteropWorld } from './world.ts';

const WITHIN_MS = 120_000;
const lattice = lattices.mixed;

/** The ids of the application of `two-zones.yaml`, with their instances. */
export const ids = { front: 'two_zones-front', greeter: 'two_zones-greeter' } as const;

export async function twoZones(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'manifests', 'two-zones.yaml'), 'utf8');
  return text.replaceAll('IMAGES', imageFolder);
}

/** `kasm import wadm --deploy --wait`, which waits until wadm is stopped. */
export class Import {
  said = '';
  readonly exit: Promise<number>;

  constructor({ natsUrl, restUrl, token }: State) {
    const bin = join(repositoryRoot, 'apps', 'cli', 'bin', 'kasm.mjs');
    const where = ['--nats', natsUrl, '--lattice', lattice, '--rest', restUrl];
    const access = token === undefined ? [] : ['--token', token];
    const args = [bin, 'import', 'wadm', ...where, ...access, '--deploy', '--wait', '4m'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    const { promise, resolve } = Promise.withResolvers<number>();
    child.once('exit', (code) => resolve(code ?? -1));
    this.exit = promise;
  }
}

const us = ({ state }: InteropWorld): string => state.clusters.find(({ name }) => name === 'us-1')?.kubeconfig ?? '';

/** The KasmCloud host of the lattice is in another zone than the wasmCloud host. */
export async function giveZone(world: InteropWorld): Promise<void> {
  await eventually(WITHIN_MS, async () =>
    (await kubectl(us(world), ['label', 'wch', 'us-1-host-1', 'zone=new', '--overwrite'])).includes('us-1-host-1'),
  );
}

/** Words that kubectl prints of the lattice's Actors over all members, sorted. */
async function actors({ state }: InteropWorld, path: string): Promise<string[]> {
  const args = ['-n', lattice, 'get', 'wca', '-o', `jsonpath=${path}`];
  const found = await Promise.all(state.clusters.map(async ({ kubeconfig }) => kubectl(kubeconfig, args)));
  return found.flatMap((text) => text.split(' ').filter((word) => word !== '')).toSorted();
}

const uidsOf = async (world: InteropWorld, id: string): Promise<string[]> =>
  actors(world, `{.items[?(@.spec.id=="${id}")].metadata.uid}`);

/** What is seen while a lattice changes hands. */
export interface TakenOver {
  /** What the import ended with. */
  readonly code: number;
  /** Distributions that there were while wadm worked. */
  readonly early: string;
  /** Whether the KasmCloud host's Actor is the same object as before, and the only one. */
  readonly isSameActor: boolean;
  /** Ids that were started, and stopped, by the events of the lattice. */
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  /** By id: the most instances at one time. */
  readonly most: Readonly<Record<string, number>>;
  /** What the KasmCloud host tells of its start and replacements. */
  readonly told: readonly string[];
  /** Ids that were stopped once the Application was deleted. */
  readonly ended: readonly string[];
}

/** No start but wadm's own, no stop, nothing twice; and nothing is left in the end. */
export const seamless: TakenOver = {
  code: 0,
  early: '',
  isSameActor: true,
  started: [ids.front, ids.greeter],
  stopped: [],
  most: { [ids.front]: 2, [ids.greeter]: 3 },
  told: ['Started'],
  ended: [ids.front, ids.greeter],
};

/**
 * Imports while wadm works, stops wadm, and waits until all that it ran is the Application's. In the end the Application is
 * deleted, and what ran for it is to stop.
 */
export async function takeOver(
  world: InteropWorld,
  witness: Witness,
  stopWadm: () => Promise<void>,
): Promise<TakenOver> {
  await wadmIsPresent(world);
  const before = await uidsOf(world, ids.front);
  const importing = new Import(world.state);
  await eventually(WITHIN_MS, async () => importing.said.includes('wadm works on this NATS'));
  const early = await world.hub(['-n', lattice, 'get', 'wcd', '-o', 'name']);
  await stopWadm();
  const code = await importing.exit;
  if (code !== 0) throw new Error(importing.said);

  await isReady(world);
  // One that was only seen on the wasmCloud host has given way to one that the Distribution wants there.
  const owned = '{range .items[*]}{.spec.id}={.metadata.labels.kasmcloud\\.io/distribution} {end}';
  const both = `${ids.front}=two-zones-front ${ids.greeter}=two-zones-greeter`;
  await eventually(WITHIN_MS, async () => (await actors(world, owned)).join(' ') === both);
  const owners = '{range .items[*]}{.metadata.labels.kasmcloud\\.io/application} {end}';
  for (const kind of ['wcl', 'cm --selector=kasmcloud.io/config']) {
    const args = ['-n', lattice, 'get', ...kind.split(' '), '-o', `jsonpath=${owners}`];
    await eventually(WITHIN_MS, async () => (await world.hub(args)) === 'two-zones ');
  }
  const after = await uidsOf(world, ids.front);
  const [started, stopped] = [witness.started.toSorted(), [...witness.stopped]];
  const events = ['-n', lattice, 'get', 'events', '-o', 'jsonpath={.items[*].reason}'];
  const reasons = (await kubectl(us(world), events)).split(' ');

  await world.hub(['-n', lattice, 'delete', 'application', 'two-zones']);
  await eventually(WITHIN_MS, async () => witness.stopped.length >= 2);
  return {
    code,
    early,
    isSameActor: before.length === 1 && after.join() === before.join(),
    started,
    stopped,
    most: Object.fromEntries(witness.most),
    told: reasons.filter((one) => one === 'Started' || one === 'Replaced'),
    ended: witness.stopped.toSorted(),
  };
}

/** Resolves when the wadm API is left to somebody else. */
export async function wadmIsPresent(world: InteropWorld): Promise<void> {
  const path = 'jsonpath={.status.conditions[?(@.type=="WadmPresent")].status}';
  await eventually(WITHIN_MS, async () => (await world.hub(['get', 'namespace', lattice, '-o', path])) === 'True');
}

async function isReady(world: InteropWorld): Promise<void> {
  const counts = '{range .items[*]}{.metadata.name}={.status.readyReplicas} {end}';
  const args = ['-n', lattice, 'get', 'wcd', '-o', `jsonpath=${counts}`];
  await eventually(WITHIN_MS, async () => (await world.hub(args)) === 'two-zones-front=2 two-zones-greeter=3 ');
}
