import { deepStrictEqual } from 'node:assert/strict';
import { ACTORS, isReady, LATTICE_PATH, type PlainActor } from './auditor.fixture.ts';
import type { Collection, PlainApi, PlainObject } from './plain-api.fixture.ts';

interface PlainDistribution extends PlainObject {
  readonly spec: { readonly replicas: number; readonly actor: { readonly image: string } };
  readonly status?: {
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly unplaced?: readonly object[];
    readonly rollout?: { readonly phase: string };
  };
}

interface PlainDecision extends PlainObject {
  readonly spec: {
    readonly distribution: string;
    readonly cluster: string;
    readonly epoch: number;
    readonly hosts: readonly { readonly host: string; readonly replicas: number; readonly leaving?: number }[];
  };
  readonly status?: { readonly appliedEpoch?: number };
}

const DISTRIBUTIONS: Collection<PlainDistribution> = { path: `${LATTICE_PATH}/wasmclouddistributions` };
const DECISIONS: Collection<PlainDecision> = { path: `${LATTICE_PATH}/wasmcloudplacements` };

/** What stands in a member and is wrong: for the counters of a run that finds no calm. */
export interface Wrongs {
  /** Actors that nobody decided. */
  readonly orphans: string[];
  /** Distributions of which more stands than is wanted. */
  readonly doubles: string[];
}

/** The state of a supercluster, read from its API servers alone. */
export class Calm {
  readonly #hub: PlainApi;
  readonly #members: ReadonlyMap<string, PlainApi>;

  constructor(hub: PlainApi, members: ReadonlyMap<string, PlainApi>) {
    this.#hub = hub;
    this.#members = members;
  }

  /**
   * Throws unless every replica that is wanted is decided once and serves once, on the host and with the image that is
   * decided, and nothing else stands in any member.
   */
  async check(): Promise<void> {
    const [distributions, decisions, standing] = await this.#read();
    for (const { metadata, spec, status } of distributions) {
      const { replicas, actor } = spec;
      const own = decisions.filter((one) => one.spec.distribution === metadata.name);
      const decided = own.flatMap(({ spec: { cluster, hosts } }) =>
        hosts.map(({ host, replicas: count }) => `${cluster}/${host} ${count} ${actor.image} serves`),
      );
      const there = standing
        .filter(({ of }) => of === metadata.name)
        .map(({ member, it }) => {
          const { hostName, instances, image } = it.spec;
          return `${member}/${hostName} ${instances} ${image} ${isReady(it) ? 'serves' : 'does not serve'}`;
        });
      deepStrictEqual(there.toSorted(), decided.toSorted(), `${metadata.name}: what stands is what is decided`);
      const counts = own.flatMap(({ spec: { hosts } }) => hosts.map((host) => host.replicas + (host.leaving ?? 0)));
      const told = {
        decided: counts.reduce((a, b) => a + b, 0),
        ready: status?.readyReplicas ?? 0,
        unplaced: status?.unplaced ?? [],
        phase: status?.rollout?.phase,
        lagging: own.filter((one) => one.status?.appliedEpoch !== one.spec.epoch).length,
      };
      const wanted = { decided: replicas, ready: replicas, unplaced: [], phase: 'Complete', lagging: 0 };
      deepStrictEqual(told, wanted, `${metadata.name}: all that is wanted is decided and told`);
    }
    const known = new Set(distributions.map(({ metadata }) => metadata.name));
    const strangers = standing
      .filter(({ of }) => !known.has(of))
      .map(({ member, it }) => `${member}/${it.metadata.name}`);
    deepStrictEqual(strangers, [], 'nothing stands of what is gone');
  }

  async wrongs(): Promise<Wrongs> {
    const [distributions, decisions, standing] = await this.#read();
    const decided = new Set(
      decisions.flatMap(({ spec }) => spec.hosts.map(({ host }) => `${spec.distribution} ${spec.cluster}/${host}`)),
    );
    const orphans = standing.filter(({ of, member, it }) => !decided.has(`${of} ${member}/${it.spec.hostName}`));
    const doubles = distributions.filter(({ metadata, spec }) => {
      const own = standing.filter(({ of }) => of === metadata.name);
      return own.reduce((total, { it }) => total + it.spec.instances, 0) > spec.replicas;
    });
    return {
      orphans: orphans.map(({ member, it }) => `${member}/${it.metadata.name}`),
      doubles: doubles.map(({ metadata }) => metadata.name),
    };
  }

  /** What is decided of one Distribution: the replicas that each cluster is to have, in order of their names. */
  async decided(distribution: string): Promise<{ cluster: string; replicas: number }[]> {
    const { items } = await this.#hub.list(DECISIONS);
    return items
      .filter(({ spec }) => spec.distribution === distribution)
      .map(({ spec: { cluster, hosts } }) => ({ cluster, replicas: hosts.reduce((sum, one) => sum + one.replicas, 0) }))
      .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
  }

  /** Where one Distribution stands, as `member/host`. */
  async hostsOf(distribution: string): Promise<string[]> {
    const [, , standing] = await this.#read();
    return standing.filter(({ of }) => of === distribution).map(({ member, it }) => `${member}/${it.spec.hostName}`);
  }

  /** Everything that was decided and stands, each with its id and how often it was written. */
  async fingerprint(): Promise<string[]> {
    const [, decisions, standing] = await this.#read();
    const of = ({ metadata }: PlainObject): string => `${metadata.name} ${metadata.uid} ${metadata.generation}`;
    return [...decisions.map(of), ...standing.map(({ member, it }) => `${member} ${of(it)}`)].toSorted();
  }

  async #read(): Promise<[PlainDistribution[], PlainDecision[], { member: string; of: string; it: PlainActor }[]]> {
    const [distributions, decisions, ...actors] = await Promise.all([
      this.#hub.list(DISTRIBUTIONS),
      this.#hub.list(DECISIONS),
      ...[...this.#members].map(async ([member, api]) => {
        const { items } = await api.list(ACTORS);
        return items.map((it) => ({ member, of: it.metadata.labels?.['kasmcloud.io/distribution'] ?? '', it }));
      }),
    ]);
    return [distributions.items, decisions.items, actors.flat()];
  }
}
