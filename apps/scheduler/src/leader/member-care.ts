import type { EventRecorder } from '@kasmcloud/kube';
import { keyOf, WasmCloudCluster } from '@kasmcloud/kube-api';
import { done, requeueAfter, type Clock, type Result } from '@kasmcloud/reconcile';
import { keepCluster } from '../clusters/controller.ts';
import type { Members } from '../clusters/members.ts';
import { RenewalError, renewCredentials } from '../clusters/renewal.ts';
import { keepContainer } from '../containers/controller.ts';
import { keepHost } from '../hosts/controller.ts';
import type { Hub } from '../plan/hub.ts';
import { recordHostLost, recordReadyChange, recordRenewal } from './events.ts';
import { Pace } from './pace.ts';

export interface MemberCareOptions {
  readonly hub: Hub;
  readonly members: Members;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly resyncMs: number;
  readonly hostGoneAfterMs: number;
  /** NATS as pods of providers reach it; undefined: none run in pods. */
  readonly containerNatsUrl: string | undefined;
}

/** A cluster is looked at this often at the most: every change of a host of it asks for that. */
const LOOK_MS = 1_000;

/** What a leader does for the members besides placing anything there: clusters with their credentials, hosts, pods of providers. */
export class MemberCare {
  readonly #options: MemberCareOptions;
  readonly #signal: AbortSignal;
  readonly #looks: Pace;
  /** Of looks at the credentials of clusters. */
  readonly #renewals: Pace;
  /** When each host, `cluster/name`, was first seen Lost by this leader. */
  readonly #lostSince = new Map<string, number>();

  constructor(options: MemberCareOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#looks = new Pace(options.clock, LOOK_MS);
    this.#renewals = new Pace(options.clock, options.resyncMs);
  }

  async cluster(key: string): Promise<Result> {
    const { hub, members, clock, events } = this.#options;
    const restMs = this.#looks.restMs(key);
    if (restMs > 0) return requeueAfter(restMs);
    this.#looks.took(key);
    const told = await keepCluster({ hub, members, nowMs: clock.now() }, key, this.#signal);
    if (told !== undefined) recordReadyChange(events, WasmCloudCluster, told.before, told.after);
    await this.#renew(key);
    return done;
  }

  /** A new token for a member in time; what is wrong is told while the old one still holds. */
  async #renew(name: string): Promise<void> {
    const { hub, members, clock, events } = this.#options;
    const [cluster, member] = [hub.clusters.get(name), members.get(name)];
    if (cluster === undefined || member?.reach !== 'Reachable' || this.#renewals.restMs(name) > 0) return;
    this.#renewals.took(name);
    const options = { hub: hub.client, member: member.client, nowMs: clock.now() };
    try {
      const ends = await renewCredentials(options, cluster, this.#signal);
      if (ends !== undefined) recordRenewal(events, cluster, `the member's token is renewed; the new one ends ${ends}`);
    } catch (error) {
      if (!(error instanceof RenewalError)) throw error;
      recordRenewal(events, cluster, error.message, 'Warning');
    }
  }

  /** `key`: `cluster/name`. */
  async host(key: string): Promise<Result> {
    const { hub, members, clock, events, hostGoneAfterMs } = this.#options;
    const [clusterName = '', name = ''] = key.split('/');
    const member = members.get(clusterName);
    const cluster = hub.clusters.get(clusterName);
    const host = member?.hosts.get(name);
    const isLost = host !== undefined && member?.livenessOf(name) === 'Lost';
    if (!isLost) this.#lostSince.delete(key);
    else if (!this.#lostSince.has(key)) {
      this.#lostSince.set(key, clock.steady());
      if (cluster !== undefined) recordHostLost(events, cluster, name);
    }
    if (member === undefined || cluster === undefined || host === undefined || member.reach !== 'Reachable')
      return done;
    const lostForMs = (): number | undefined => {
      const since = this.#lostSince.get(key);
      return since === undefined ? undefined : clock.steady() - since;
    };
    await keepHost(member, cluster, host, { now: now(clock), lostForMs, goneAfterMs: hostGoneAfterMs }, this.#signal);
    return isLost ? requeueAfter(hostGoneAfterMs) : done;
  }

  /** `key`: `cluster/namespace/name`. */
  async container(key: string): Promise<Result> {
    const { members, clock, containerNatsUrl } = this.#options;
    const [cluster = '', namespace = '', name = ''] = key.split('/');
    const member = members.get(cluster);
    const provider = member?.containers.get(`${namespace}/${name}`);
    if (member?.reach !== 'Reachable' || provider === undefined || provider.metadata.deletionTimestamp !== undefined)
      return done;
    const options = { natsUrl: containerNatsUrl, now: () => now(clock) };
    return requeueAfter(await keepContainer(member.client, provider, options, this.#signal));
  }

  *hostKeys(): Generator<string> {
    for (const [cluster, member] of this.#options.members.entries()) {
      for (const host of member.hosts.list()) yield `${cluster}/${keyOf(host)}`;
    }
  }

  *containerKeys(): Generator<string> {
    for (const [cluster, member] of this.#options.members.entries()) {
      for (const provider of member.containers.list()) yield `${cluster}/${keyOf(provider)}`;
    }
  }
}

const now = (clock: Clock): string => new Date(clock.now()).toISOString();
