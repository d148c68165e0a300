import { selects } from '../filter/selector.ts';
import type { AffinityTerm, Distribution } from '../model/distribution.ts';
import type { HostView } from '../place/inventory.ts';
import type { Counts, CountsByKey } from './counts.ts';

/** Why a host is refused because of what runs on it or near it. */
export type CompanyRefusal = 'AffinityUnmet' | 'AntiAffinity' | 'HostPortTaken';

/** Domains by topology key and value in which somebody runs. */
type Domains = ReadonlySet<string>;

interface Liking {
  readonly topologyKey: string;
  readonly domains: Domains;
  readonly weight: number;
}

/**
 * What one distribution may run beside, when a plan is carried out. O(terms × distributions that they select × their
 * hosts) to make, O(terms) to ask.
 */
export class Company {
  readonly #refuses: readonly { readonly topologyKey: string; readonly domains: Domains }[];
  /** Without domains, any will do. */
  readonly #needs: readonly { readonly topologyKey: string; readonly domains: Domains | undefined }[];
  /** With weights below 0 for those that are not liked. */
  readonly #prefers: readonly Liking[];
  readonly #ports: readonly string[];
  /** Paths of hosts on which it runs already: it has its ports there. */
  readonly #own: Counts | undefined;
  /** Paths of hosts on which another has one of its ports. */
  readonly #portsTaken: ReadonlySet<string>;

  constructor(
    distribution: Distribution,
    others: readonly Distribution[],
    hosts: readonly HostView[],
    counts: CountsByKey,
  ) {
    const views = new Map(hosts.map((host) => [pathOf(host), host]));
    const domainsOf = (topologyKey: string, distributions: readonly Distribution[]): Domains =>
      new Set(
        distributions.flatMap(({ key }) =>
          [...(counts.get(key)?.keys() ?? [])].flatMap((path) => views.get(path)?.domain(topologyKey) ?? []),
        ),
      );
    const selected = (term: AffinityTerm): Distribution[] => others.filter((one) => isSelected(term, one));
    const { affinity, antiAffinity, ports } = distribution;
    this.#refuses = [
      ...antiAffinity.required.map((term) => ({
        topologyKey: term.topologyKey,
        domains: domainsOf(term.topologyKey, selected(term)),
      })),
      ...others.flatMap((other) =>
        other.antiAffinity.required
          .filter((term) => isSelected(term, distribution))
          .map(({ topologyKey }) => ({ topologyKey, domains: domainsOf(topologyKey, [other]) })),
      ),
    ];
    this.#needs = affinity.required.map((term) => {
      const domains = domainsOf(term.topologyKey, selected(term));
      // The first of those that select themselves may choose.
      const chooses = domains.size === 0 && isSelected(term, distribution);
      return { topologyKey: term.topologyKey, domains: chooses ? undefined : domains };
    });
    const preferring = (terms: typeof affinity.preferred, sign: number): Liking[] =>
      terms.map(({ term, weight }) => ({
        topologyKey: term.topologyKey,
        domains: domainsOf(term.topologyKey, selected(term)),
        weight: sign * weight,
      }));
    this.#prefers = [...preferring(affinity.preferred, 1), ...preferring(antiAffinity.preferred, -1)];
    this.#ports = ports;
    this.#own = counts.get(distribution.key);
    this.#portsTaken = new Set(
      others
        .filter((other) => other.key !== distribution.key && other.ports.some((port) => ports.includes(port)))
        .flatMap(({ key }) => [...(counts.get(key)?.keys() ?? [])]),
    );
  }

  /** How much it is preferred for what runs near it: the sum of the weights of the terms that select somebody in its domain. */
  liking(host: HostView): number {
    let sum = 0;
    for (const { topologyKey, domains, weight } of this.#prefers) {
      const domain = host.domain(topologyKey);
      if (domain !== undefined && domains.has(domain)) sum += weight;
    }
    return sum;
  }

  /** Everything that keeps one more replica away from a host. */
  refusals(host: HostView): CompanyRefusal[] {
    const isIn = ({ topologyKey, domains }: { topologyKey: string; domains: Domains | undefined }): boolean => {
      const domain = host.domain(topologyKey);
      return domain !== undefined && domains?.has(domain) !== false;
    };
    const path = pathOf(host);
    const isPortTaken =
      this.#own?.has(path) !== true &&
      (this.#portsTaken.has(path) || host.ports.some((port) => this.#ports.includes(port)));
    return [
      ...(this.#needs.every(isIn) ? [] : ['AffinityUnmet' as const]),
      ...(this.#refuses.some(isIn) ? ['AntiAffinity' as const] : []),
      ...(isPortTaken ? ['HostPortTaken' as const] : []),
    ];
  }
}

const isSelected = ({ namespaces, selector }: AffinityTerm, { namespace, labels }: Distribution): boolean =>
  namespaces.includes(namespace) && selects(selector, labels);

/** `cluster/name`; no cluster's name holds a slash. */
export const pathOf = ({ cluster, name }: Pick<HostView, 'cluster' | 'name'>): string => `${cluster.name}/${name}`;
