import type { KubeClient } from '@kasmcloud/kube';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { Clock } from '@kasmcloud/reconcile';
import type { Member } from '../members/member.ts';
import type { ConfigNames } from '../mirror/shapes.ts';
import type { SpokenHost } from '../speak/inventory.ts';
import type { Speaker } from '../speak/speaker.ts';
import { Configs } from './configs.ts';
import { Links } from './links.ts';
import { Requests } from './requests.ts';
import { SecretReferences } from './secret-references.ts';
import { ControlServer } from './server.ts';
import { Workloads, type CommandedHost } from './workloads.ts';

export interface ControlOptions {
  readonly lattice: string;
  readonly hub: KubeClient;
  readonly connection: LatticeConnection;
  /** JetStream domain of the lattice's buckets. */
  readonly domain: string | undefined;
  readonly clock: Clock;
  readonly members: () => readonly Member[];
  readonly speaker: Speaker;
  /** What configs of the lattice are called in Kubernetes. */
  readonly names: ConfigNames;
  readonly onError: (error: unknown) => void;
}

/** Where events come from that are about the lattice, while no host is spoken for. */
const NOBODY = 'kasmcloud';

/** The control interface of one lattice, over the hub and all members. */
export function createControl(options: ControlOptions): ControlServer {
  const { lattice, hub, connection, domain, clock, members, speaker, names, onError } = options;
  const tell = speaker.tell.bind(speaker);
  const source = (): string => [...speaker.hosts.values()].find(({ alive }) => alive)?.id ?? NOBODY;
  const requests = new Requests({
    lattice,
    connection,
    domain,
    workloads: new Workloads({
      lattice,
      everywhere: (id) => members().flatMap((member) => member.workloadsOf(lattice, id)),
      names,
      tell,
    }),
    links: new Links({ lattice, hub, tell, source }),
    configs: new Configs({ lattice, hub, names, tell, source }),
    secretReferences: new SecretReferences({ lattice, connection, domain, tell, source }),
    spoken: () => speaker.hosts,
    find: (host) => findHost(lattice, host, members()),
    now: () => clock.now(),
  });
  return new ControlServer({ lattice, connection, requests, hosts: () => speaker.hosts, onError });
}

function findHost(
  lattice: string,
  { id, object: { cluster, name } }: SpokenHost,
  members: readonly Member[],
): CommandedHost | undefined {
  const member = members.find((one) => one.name === cluster);
  if (member?.hosts.get(name) === undefined) return undefined;
  return { id, name, cluster, client: member.client, sharesLattice: member.hasLattice(lattice) };
}
