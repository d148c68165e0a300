import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../state/atomic-file.ts';
import type { ProcessSpec } from '../supervisor/supervised-process.ts';
import { says } from './probes.ts';
import { findServer } from './programs.ts';

/** The servers of one instance: one for everything, or, with leaves, one of its own for each member. */
export interface NatsPlan {
  readonly folder: string;
  readonly port: number;
  readonly leaves?: {
    /** Where the hub's server takes leaves in. */
    readonly port: number;
    /** Port of each member's server, by cluster. */
    readonly ports: ReadonlyMap<string, number>;
  };
}

const SLOWEST_START_MS = 60_000;

/** The hub's server owns each lattice's JetStream; where there are leaves, it needs a name for that. */
const DOMAIN = 'hub';

export const leafName = (cluster: string): string => `nats-${cluster}`;

/** The server that something in a cluster talks to. */
export const natsUrlIn = ({ port, leaves }: NatsPlan, cluster?: string): string =>
  `nats://127.0.0.1:${(cluster === undefined ? undefined : leaves?.ports.get(cluster)) ?? port}`;

export const natsServers = (plan: NatsPlan): ProcessSpec[] => [
  natsServer('nats', plan.port, plan.folder),
  ...[...(plan.leaves?.ports ?? [])].map(([cluster, port]) => natsServer(leafName(cluster), port, plan.folder)),
];

function natsServer(name: string, port: number, folder: string): ProcessSpec {
  return {
    name,
    program: findServer('nats-server', 'NATS_SERVER_BIN', process.env),
    args: ['--addr', '127.0.0.1', '--port', String(port), '--config', fileOf(folder, name)],
    port,
    isReady: async () => says(port, 'INFO'),
    readyWithinMs: SLOWEST_START_MS,
  };
}

/** Writes what the servers start with. */
export async function writeNatsConfigs({ folder, leaves }: NatsPlan): Promise<void> {
  await mkdir(folder, { recursive: true });
  const store = `store_dir: ${JSON.stringify(folder)}`;
  if (leaves === undefined) return writeAtomically(fileOf(folder, 'nats'), `jetstream { ${store} }\n`);
  const hub = [`jetstream { ${store}, domain: ${DOMAIN} }`, `leafnodes { listen: "127.0.0.1:${leaves.port}" }`];
  // Who asks a leaf for JetStream without naming a domain is served by the hub.
  const leaf = [
    `default_js_domain { "$G": ${DOMAIN} }`,
    `leafnodes { reconnect: 1, remotes: [{ url: "nats-leaf://127.0.0.1:${leaves.port}" }] }`,
  ];
  const files: [name: string, lines: readonly string[]][] = [
    ['nats', hub],
    ...[...leaves.ports.keys()].map((cluster): [string, readonly string[]] => [leafName(cluster), leaf]),
  ];
  await Promise.all(files.map(([name, lines]) => writeAtomically(fileOf(folder, name), `${lines.join('\n')}\n`)));
}

const fileOf = (folder: string, name: string): string => join(folder, `${name}.conf`);
