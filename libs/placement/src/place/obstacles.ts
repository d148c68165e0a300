import { mix } from '../model/hash.ts';
import { holdingOf, type Holding } from './holding.ts';
import type { Neighbourhood } from './neighbours.ts';
import type { Rooms } from './rooms.ts';
import type { Selection, Tally } from './selection.ts';
import type { Tree } from './tree.ts';

/** Constraints between distributions, which can be taken as absent. */
export interface Bearing {
  readonly affinity: boolean;
  readonly antiAffinity: boolean;
  readonly ports: boolean;
}

/** A distribution that looks for hosts among its neighbours. */
export interface Seeker {
  readonly neighbourhood: Neighbourhood;
  readonly seed: number;
  /** What it has already. */
  readonly counts: Holding;
}

/** Whether neighbours have any say. */
export const isConcerned = ({ refuses, selectedBy, needs, ports }: Neighbourhood): boolean =>
  refuses.length + selectedBy.length + needs.length + ports.length > 0;

/** Adds to `blocked` every host of a tree that the neighbours forbid, by position. O(hosts of the domains concerned). */
export function findObstacles(
  { neighbourhood, seed, counts }: Seeker,
  tree: Tree,
  rooms: Rooms,
  bearing: Bearing,
  blocked: number[],
): void {
  const { refuses, selectedBy, needs, ports } = neighbourhood;
  const blockHost = (host: number): void => {
    const position = tree.positions[host] ?? -1;
    if (position >= 0) blocked.push(position);
  };
  if (bearing.antiAffinity) {
    for (const selection of refuses) blockDomains(selection, selection.selected, tree, blocked);
    for (const selection of selectedBy) blockDomains(selection, selection.refusing, tree, blocked);
  }
  if (bearing.ports)
    for (const port of ports) for (const host of port.domains) if (counts.get(host) === 0) blockHost(host);
  if (!bearing.affinity) return;
  for (const selection of needs) {
    const isAllowed = allowedBy(selection, selectedBy.includes(selection), seed, tree, rooms);
    // Hosts without the label are in domain 0.
    for (let domain = 0; domain <= selection.column.size; domain++)
      if (!isAllowed(domain)) for (const host of selection.column.hostsOf(domain)) blockHost(host);
  }
}

/**
 * How much the neighbours make a host preferred: the sum of the weights of the terms that select somebody in its domain.
 * Undefined when nothing is preferred.
 */
export function scoresOf(
  { neighbourhood: { prefers, selectedBy }, seed }: Seeker,
  tree: Tree,
  rooms: Rooms,
): ((host: number) => number) | undefined {
  if (prefers.length === 0) return undefined;
  const terms = prefers.map(({ selection, weight }) => {
    // Who prefers its own kind starts together.
    const isOwn = weight > 0 && selectedBy.includes(selection);
    return { selection, weight, counts: allowedBy(selection, isOwn, seed, tree, rooms) };
  });
  return (host) => {
    let sum = 0;
    for (const { selection, weight, counts } of terms) if (counts(selection.domainOf(host))) sum += weight;
    return sum;
  };
}

function blockDomains(
  { column, isByHost }: Selection,
  { domains }: Tally,
  { positions }: Tree,
  blocked: number[],
): void {
  for (let i = 0; i < domains.length; i++) {
    const domain = domains[i] ?? 0;
    // Every host is the only one of its name: they are numbered as hosts are.
    const hosts = isByHost ? undefined : column.hostsOf(domain);
    for (let j = 0; j < (hosts?.length ?? 1); j++) {
      const position = positions[hosts === undefined ? domain - 1 : (hosts[j] ?? -1)] ?? -1;
      if (position >= 0) blocked.push(position);
    }
  }
}

/**
 * Domains that required affinity allows: those with a replica that the term selects. Where there is none anywhere and the
 * term selects its owner, the first of its replicas may choose, as in Kubernetes; and since the others must follow, it
 * chooses the domain with most room.
 */
function allowedBy(
  selection: Selection,
  selectsOwner: boolean,
  seed: number,
  tree: Tree,
  rooms: Rooms,
): (domain: number) => boolean {
  const { selected } = selection;
  if (selected.domains.length > 0 || !selectsOwner) return (domain) => domain !== 0 && selected.has(domain);
  const best = roomiest(selection, seed, tree, rooms);
  return (domain) => domain !== 0 && domain === best;
}

/** The domain with most room, of equals the one of lowest rank; 0 if no host of the tree is in any. O(hosts + domains). */
function roomiest(selection: Selection, seed: number, { indices }: Tree, rooms: Rooms): number {
  const { column } = selection;
  const sums = new Float64Array(column.size + 1).fill(-1);
  for (let position = 0; position < indices.length; position++) {
    const domain = selection.domainOf(indices[position] ?? -1);
    sums[domain] = Math.max(0, sums[domain] ?? 0) + (rooms.at[position] ?? 0);
  }
  const rank = (domain: number): number => mix(seed, column.seedOf(domain));
  let best = 0;
  for (let domain = 1; domain < sums.length; domain++) {
    const room = sums[domain] ?? -1;
    if (room < 0) continue;
    const lead = best === 0 ? 1 : room - (sums[best] ?? 0) || rank(best) - rank(domain);
    if (lead > 0) best = domain;
  }
  return best;
}

/** Terms by which a distribution refuses itself: at most one replica in a domain. Hosts have their own bound for that. */
export const refusalsOfSelf = ({ refuses, selectedBy }: Neighbourhood): Selection[] =>
  refuses.filter((selection) => selectedBy.includes(selection) && !selection.isByHost);

export const refusesItselfByHost = ({ refuses, selectedBy }: Neighbourhood): boolean =>
  refuses.some((selection) => selectedBy.includes(selection) && selection.isByHost);

/**
 * Leaves of what was added only the first replica in each domain of each selection. Hosts without the label are in no
 * domain, and so never in the same: they keep what they got.
 */
export function onePerDomain(selections: readonly Selection[], held: Holding, counts: Holding): Holding {
  const taken = selections.map((selection) => domainsOf(selection, held));
  const added: [host: number, count: number][] = [];
  for (const [host, count] of counts) {
    const more = count - held.get(host);
    const domains = selections.map((selection) => selection.domainOf(host));
    if (more <= 0 || domains.some((domain, i) => taken[i]?.has(domain) === true)) continue;
    for (const [i, domain] of domains.entries()) if (domain !== 0) taken[i]?.add(domain);
    added.push([host, domains.every((domain) => domain === 0) ? more : 1]);
  }
  return added.length === 0 ? held : holdingOf([...held, ...added]);
}

function domainsOf(selection: Selection, { hosts }: Holding): Set<number> {
  const domains = new Set(Array.from(hosts, (host) => selection.domainOf(host)));
  domains.delete(0);
  return domains;
}

/** Adds the hosts of every domain that holds one already to `blocked`, by position. */
export function blockTaken(
  selections: readonly Selection[],
  { positions }: Tree,
  held: Holding,
  blocked: number[],
): void {
  for (const selection of selections)
    for (const domain of domainsOf(selection, held))
      for (const host of selection.column.hostsOf(domain)) {
        const position = positions[host] ?? -1;
        if (position >= 0) blocked.push(position);
      }
}
