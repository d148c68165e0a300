import { annotations, builtin, isLatticeName, labels, type KubeObject } from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { Logger, Metrics } from '@kasmcloud/observe';
import type { Clock, Random } from '@kasmcloud/reconcile';
import { Carrier } from './carry/carrier.ts';
import { FailedStarts } from './control/failed-starts.ts';
import { createControl } from './control/wiring.ts';
import { Lines, type Line } from './lattices/line.ts';
import { Owners } from './lattices/owners.ts';
import { Complaints } from './legacy/complaints.ts';
import { Observer } from './legacy/observer.ts';
import { Recorder } from './legacy/recorder.ts';
import { Turns } from './legacy/turns.ts';
import type { Change, Member } from './members/member.ts';
import { Members } from './members/members.ts';
import { HubView } from './mirror/hub-view.ts';
import { Mirror } from './mirror/mirror.ts';
import { spokenHosts } from './speak/inventory.ts';
import { Speaker } from './speak/speaker.ts';

export interface RepeaterOptions {
  readonly hub: KubeClient;
  readonly connection: LatticeConnection;
  /** Servers of the connection, by commas. */
  readonly servers: string;
  /** JetStream domain of the lattices. */
  readonly domain: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly identity: string;
  readonly heartbeatMs: number;
  readonly pingMs: number;
  readonly leaseMs: number;
  /** How often the NATS Secret of a lattice is read again. */
  readonly secretEveryMs: number;
}

/** In all lattices together: what else is asked of the API servers, above all who owns what, must not wait behind them. */
const HOSTS_WRITTEN_AT_ONCE = 8;
const LEASES_RENEWED_AT_ONCE = 16;

/** What this process does in a lattice that it owns. */
interface Owned {
  readonly speaker: Speaker;
  readonly observer: Observer;
  readonly carrier: Carrier;
}

/** Joins lattices and resources in both directions, for every lattice that this process owns. */
export class Repeater {
  readonly #options: RepeaterOptions;
  readonly #members: Members;
  readonly #namespaces: Store<KubeObject>;
  readonly #hubView: HubView;
  readonly #owners: Owners;
  readonly #complaints: Complaints;
  readonly #owned = new Map<string, Owned>();
  readonly #turns = { write: new Turns(HOSTS_WRITTEN_AT_ONCE), renew: new Turns(LEASES_RENEWED_AT_ONCE) };

  constructor(options: RepeaterOptions) {
    this.#options = options;
    const { hub, connection, clock, random, logger, metrics, identity, leaseMs } = options;
    const malformed = metrics.counter<'kind'>({
      name: 'repeater_refused_payloads_total',
      help: 'Payloads from NATS that could not be used.',
      labels: ['kind'],
    });
    metrics.gauge({
      name: 'repeater_owned_lattices',
      help: 'Lattices that this process speaks in.',
      read: () => this.#owned.size,
    });
    metrics.gauge({
      name: 'repeater_legacy_hosts',
      help: 'Hosts known only by NATS that gave a sign of life in the last ten minutes.',
      read: () => [...this.#owned.values()].reduce((sum, { observer }) => sum + observer.size, 0),
    });
    const onError = (error: unknown): void => logger.warn({ error }, 'trying again');
    const own = async (lattice: string, line: Line, signal: AbortSignal): Promise<void> =>
      this.#own(lattice, line, signal);
    const onChange = (change: Change): void => this.#changed(change);
    this.#complaints = new Complaints({ clock, logger, count: (kind) => malformed.inc({ kind }) });
    const lines = new Lines({ ...options, shared: connection });
    this.#owners = new Owners({ hub, clock, random, identity, leaseMs, connection, lines, own, onError });
    this.#hubView = new HubView({ hub, clock, random, onError });
    this.#members = new Members({ hub, clock, random, onError, onChange });
    this.#namespaces = new Store<KubeObject>({
      client: hub,
      clock,
      random,
      onError,
      kind: builtin.Namespace,
      labelSelector: labels.lattice,
      keep: withoutManagedFields,
    });
    this.#namespaces.onChange(() => this.#changed({ kind: 'lattices' }));
  }

  /** Why the repeater cannot do its work now; undefined when it can. */
  get failure(): string | undefined {
    if (!this.#options.connection.isConnected) return 'there is no connection to NATS';
    return this.#members.hubReachable ? undefined : 'the API server of the hub cannot be reached';
  }

  /** Lattices that this process owns. */
  get ownedLattices(): string[] {
    return [...this.#owned.keys()];
  }

  async close(): Promise<void> {
    await this.#owners.close();
    await Promise.all([this.#members.close(), this.#namespaces.close(), this.#hubView.close()]);
  }

  #changed(change: Change): void {
    switch (change.kind) {
      case 'lattices':
        return this.#latticesChanged();
      case 'ourHost':
        for (const { speaker } of this.#owned.values()) speaker.changed();
        return;
      case 'legacyHost':
        return this.#owned.get(change.lattice)?.carrier.hostChanged(change.hostName);
      case 'work': {
        const owned = this.#owned.get(change.lattice);
        owned?.speaker.changed();
        owned?.observer.placeChanged(change.hostName);
        owned?.carrier.changed(change.hostName);
      }
    }
  }

  #latticesChanged(): void {
    const lattices = new Set(this.#namespaces.keys());
    for (const member of this.#members.list()) for (const lattice of member.lattices) lattices.add(lattice);
    this.#owners.set(new Set([...lattices].filter(isLatticeName)));
    for (const { speaker, carrier } of this.#owned.values()) {
      speaker.changed();
      carrier.hostsChanged();
    }
  }

  async #own(lattice: string, { connection, domain }: Line, signal: AbortSignal): Promise<void> {
    const { hub, clock, random, logger, heartbeatMs, pingMs } = this.#options;
    const onError = (error: unknown): void => {
      if (!signal.aborted) logger.warn({ lattice, error }, 'lattice work failed');
    };
    const speaker = new Speaker({
      lattice,
      connection,
      clock,
      heartbeatMs,
      hosts: () => spokenHosts(lattice, this.#members.list()),
      onHosts: () => control.follow(),
      onError,
    });
    const members = (): readonly Member[] => this.#members.list();
    const control = createControl({
      lattice,
      hub,
      connection,
      clock,
      members,
      speaker,
      names: this.#hubView.names(lattice),
      onError,
      domain,
    });
    const observer = new Observer({
      lattice,
      connection,
      clock,
      random,
      pingMs,
      isOurs: (hostId) => this.#isOurs(hostId),
      recorder: new Recorder({
        clock,
        renewEveryMs: pingMs * (9 / 10),
        home: (cluster) => this.#members.home(cluster),
        members: () => this.#members.list(),
        turns: this.#turns,
        showsWorkloads: () => this.#namespaces.get(lattice)?.metadata.annotations?.[annotations.observe] !== 'Hosts',
      }),
      complaints: this.#complaints,
      onError,
    });
    const carrier = new Carrier({ lattice, connection, hub, members, clock, random, onError });
    const mirror = new Mirror({
      lattice,
      hub,
      connection,
      ...(domain !== undefined && { domain }),
      clock,
      random,
      view: this.#hubView,
      isOnHub: () => this.#namespaces.get(lattice) !== undefined,
      complaints: this.#complaints,
      onError,
    });
    const failedStarts = new FailedStarts({ lattice, members, clock, onError });
    this.#owned.set(lattice, { speaker, observer, carrier });
    logger.info({ lattice }, 'lattice owned');
    try {
      await Promise.all(
        // The one that answers first: who is told of a host asks it.
        [control, speaker, failedStarts, observer, carrier, mirror].map(async (one) => one.run(signal)),
      );
    } finally {
      this.#owned.delete(lattice);
      logger.info({ lattice }, 'lattice given back');
    }
  }

  #isOurs(hostId: string): boolean {
    return this.#members.list().some((member) => member.findOurs(hostId) !== undefined);
  }
}
