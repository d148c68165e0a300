import { mkdir } from 'node:fs/promises';
import { builtin, SYSTEM_NAMESPACE, type KindDefinition } from '@kasmcloud/kube-api';
import { allSettled } from '../../settled.ts';
import { writeAtomically } from '../../state/atomic-file.ts';
import type { Narrator } from '../../story/narrator.ts';
import type { Layout, Service } from '../layout.ts';
import type { UpOptions } from '../options.ts';
import { grantLattice, joinMembers, LATTICE, seedNamespaces, type Joining, type Mark } from '../seed.ts';
import { clustersOf } from '../topology.ts';
import { accessTo, accountOf, DEMO, makeAccounts, roleNames, type Access } from './accounts.ts';
import { checkCluster, checkDistinct, checkNames, explain, identityOf } from './checks.ts';
import { cleanCluster } from './cleaning.ts';
import { installDefinitions, missingDefinitions } from './definitions.ts';
import { openCluster, type ExistingCluster } from './existing-cluster.ts';
import { isMarked, markOf } from './mark.ts';

const CHECK_MS = 60_000;
const CLEAN_MS = 120_000;
const SERVICES: readonly Service[] = ['scheduler', 'repeater', 'host'];

/** The clusters that `--clusters` names: checked first, then used, and at the end left as they were. */
export class ExistingClusters {
  readonly #options: UpOptions;
  readonly #layout: Layout;
  readonly #narrator: Narrator;
  readonly #mark: Mark;
  readonly #clusters: readonly ExistingCluster[];
  readonly #missing = new Map<string, readonly KindDefinition[]>();

  private constructor(options: UpOptions, layout: Layout, narrator: Narrator) {
    this.#options = options;
    this.#layout = layout;
    this.#narrator = narrator;
    this.#mark = markOf(layout.state);
    const isMember = (name: string): boolean => options.members.some((member) => member.name === name);
    this.#clusters = clustersOf(options).map((option) =>
      openCluster(option, { isHub: option.name === options.hub.name, isMember: isMember(option.name) }),
    );
  }

  /** Reads the kubeconfigs and looks at every cluster; nothing is written there. Throws ClusterRefusedError. */
  static async open(
    options: UpOptions,
    layout: Layout,
    narrator: Narrator,
    signal: AbortSignal,
  ): Promise<ExistingClusters> {
    const opened = new ExistingClusters(options, layout, narrator);
    try {
      await opened.#check(AbortSignal.any([signal, AbortSignal.timeout(CHECK_MS)]));
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  /** The addresses of the API servers, by cluster. */
  get urls(): ReadonlyMap<string, string> {
    return new Map(this.#clusters.map(({ name, client }) => [name, client.server]));
  }

  /** Takes away what an earlier `kasm up` with this state folder left when it was killed. */
  async cleanLeftovers(signal: AbortSignal): Promise<void> {
    await this.#each(async ({ name, client }) => {
      const namespaces = [SYSTEM_NAMESPACE, LATTICE];
      const found = await Promise.all(
        namespaces.map(async (namespace) => client.find(builtin.Namespace, namespace, undefined, { signal })),
      );
      if (!found.some((namespace) => isMarked(namespace, this.#mark))) return;
      this.#narrator.say(`cleaning ${name} of what an earlier kasm up left there`);
      await cleanCluster({ client }, this.#mark, AbortSignal.any([signal, AbortSignal.timeout(CLEAN_MS)]));
    });
  }

  /**
   * Puts definitions, namespaces and accounts in place, and tells the hub its members. Resolves with the bearer token of
   * the demo's account on the hub.
   */
  async adopt(signal: AbortSignal): Promise<string> {
    const access = new Map<string, Access>();
    await this.#each(async (cluster) => {
      await installDefinitions(cluster, this.#missing.get(cluster.name) ?? [], this.#mark, signal);
      await seedNamespaces(cluster.client, signal, this.#mark);
      await makeAccounts(cluster, this.#mark, signal);
      await grantLattice(cluster.client, signal, this.#mark);
      access.set(cluster.name, await accessTo(cluster, signal));
    });
    await Promise.all([...access].map(async ([name, { kubeconfigs }]) => this.#keep(name, kubeconfigs)));
    const { hub, members } = this.#options;
    const joining = members.map((member): Joining => ({
      ...member,
      access: member.name === hub.name ? undefined : access.get(member.name)?.kubeconfigs.get(accountOf.member),
    }));
    await this.#each(async ({ isHub, client }) => {
      if (isHub) await joinMembers(client, joining, signal, this.#mark);
    });
    const [expires] = [...access.values()].map((one) => one.expires).toSorted();
    if (expires !== undefined) this.#narrator.say(`the clusters give access until ${expires}`);
    return access.get(hub.name)?.demoToken ?? '';
  }

  /** Leaves the clusters as they were, when everything else has stopped. Resolves with what had to stay, in words. */
  async clean(): Promise<string[]> {
    const signal = AbortSignal.timeout(CLEAN_MS);
    const cleaned = await Promise.all(
      this.#clusters.map(async (cluster) => {
        try {
          return await cleanCluster(cluster, this.#mark, signal);
        } catch (error) {
          return [`what this kasm up made, because ${String(explain(cluster, error))}`];
        }
      }),
    );
    return cleaned.flatMap((left, index) => left.map((what) => `${this.#clusters[index]?.name ?? ''} keeps ${what}`));
  }

  async close(): Promise<void> {
    await Promise.all(this.#clusters.map(async ({ client }) => client.close()));
  }

  async #check(signal: AbortSignal): Promise<void> {
    const identities = new Map<string, string>();
    await this.#each(async (cluster) => {
      await checkCluster(cluster, signal);
      identities.set(cluster.name, await identityOf(cluster, signal));
    });
    checkDistinct(this.#clusters, identities);
    const names = { roles: await roleNames(), members: this.#options.members.map(({ name }) => name) };
    await this.#each(async (cluster) => {
      this.#missing.set(cluster.name, await missingDefinitions(cluster, this.#mark, signal));
      await checkNames(cluster, names, this.#mark, signal);
    });
  }

  /** Does something in every cluster at once; says of an error in which one it was. */
  async #each(work: (cluster: ExistingCluster) => Promise<void>): Promise<void> {
    await allSettled(
      this.#clusters.map(async (cluster) => {
        try {
          await work(cluster);
        } catch (error) {
          throw explain(cluster, error);
        }
      }),
    );
  }

  async #keep(cluster: string, kubeconfigs: ReadonlyMap<string, string>): Promise<void> {
    const files = this.#layout.cluster(cluster);
    await mkdir(files.folder, { recursive: true, mode: 0o700 });
    for (const service of SERVICES) {
      const text = kubeconfigs.get(accountOf[service]);
      if (text !== undefined) await writeAtomically(files.account(service), text);
    }
    await writeAtomically(files.kubeconfig, kubeconfigs.get(DEMO) ?? '');
  }
}
