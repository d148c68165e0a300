import { conditionTypes, isConditionTrue, labels, WasmCloudHost, type HostObject } from '@kasmcloud/kube-api';
import { ConflictError } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';
import type { Member } from '../members/member.ts';
import { hostNameOf } from './host-object.ts';
import type { Sighting } from './sighting.ts';
import type { Turns } from './turns.ts';
import { renewHost, writeHost, writeHostStatus } from './write-host.ts';
import { planObserved, writeObserved } from './write-observed.ts';

export interface RecorderOptions {
  readonly clock: Clock;
  /** A Lease that was renewed more recently is fresh enough. */
  readonly renewEveryMs: number;
  /** The member that a host belongs to which names this cluster, or none. */
  readonly home: (cluster: string | undefined) => Member | undefined;
  readonly members: () => readonly Member[];
  /** Whether what runs on the hosts has objects of its own. */
  readonly showsWorkloads: () => boolean;
  /** Of all lattices together. */
  readonly turns: { readonly write: Turns; readonly renew: Turns };
}

export type Recorded =
  | { readonly kind: 'written' }
  /** No member is there to write it in. */
  | { readonly kind: 'homeless' }
  /** Another host, or the same one in another lattice, has this name. */
  | { readonly kind: 'taken'; readonly by: string };

/** What was written of a host, and over which version of its object. */
interface Written {
  readonly sighting: Sighting;
  readonly member: Member;
  readonly version: string | undefined;
  readonly showsWorkloads: boolean;
}

/**
 * Writes what was seen of hosts into the members where they belong: the WasmCloudHost, its Lease, and what runs there. A host
 * of which nothing is different costs its Lease alone, and that not more often than need be.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #written = new Map<string, Written>();
  readonly #renewedAt = new Map<string, number>();
  /** Hosts that are being written, until something about them changes meanwhile. */
  readonly #settling = new Set<string>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** What runs on the host may be different from what was written. */
  disturb(hostId: string): void {
    this.#written.delete(hostId);
    this.#settling.delete(hostId);
  }

  forget(hostId: string): void {
    this.disturb(hostId);
    this.#renewedAt.delete(hostId);
  }

  /** Whether everything stands in its member as it was seen, and nobody has changed it since. */
  isRecorded(sighting: Sighting): boolean {
    const { showsWorkloads } = this.#options;
    const member = this.#homeOf(sighting);
    const known = member?.hosts.get(hostNameOf(sighting.id));
    const written = this.#written.get(sighting.id);
    return (
      known !== undefined &&
      written?.sighting === sighting &&
      written.member === member &&
      written.version === known.metadata.resourceVersion &&
      written.showsWorkloads === showsWorkloads()
    );
  }

  /** `seenAt`: when the host last gave a sign of life, on the steady clock. */
  async record(sighting: Sighting, seenAt: number, signal: AbortSignal): Promise<Recorded> {
    const member = this.#homeOf(sighting);
    if (member === undefined) return { kind: 'homeless' };
    const known = member.hosts.get(hostNameOf(sighting.id));
    const by = known && holderOf(known, sighting);
    if (by !== undefined) return { kind: 'taken', by };
    if (this.isRecorded(sighting)) await this.renew(sighting, seenAt, signal);
    else await this.#options.turns.write.take(signal, async () => this.#write(member, sighting, seenAt, signal));
    return { kind: 'written' };
  }

  /** Renews the Lease of a host that is written already. */
  async renew(sighting: Sighting, seenAt: number, signal: AbortSignal): Promise<void> {
    const { id, stopped } = sighting;
    const member = this.#homeOf(sighting);
    const object = member?.hosts.get(hostNameOf(id));
    if (member === undefined || object === undefined || stopped) return;
    const renewal = async (): Promise<void> => this.#renew(member, object, { id, seenAt }, signal);
    await this.#options.turns.renew.take(signal, renewal);
  }

  #homeOf({ labels: said }: Sighting): Member | undefined {
    const member = this.#options.home(said[labels.cluster]);
    return member?.hasSynced === true ? member : undefined;
  }

  async #write(member: Member, sighting: Sighting, seenAt: number, signal: AbortSignal): Promise<void> {
    const { id } = sighting;
    const { clock } = this.#options;
    this.#settling.add(id);
    const object = await writeHost(member, sighting, signal);
    const now = clock.now();
    const showsWorkloads = this.#options.showsWorkloads();
    const plan = planObserved(member, object, sighting, { showsWorkloads, now: new Date(now).toISOString() });
    const told = await writeHostStatus(member, object, sighting, plan.faults, { now, signal });
    // Before what runs there: nobody should doubt a host because much has to be written of it.
    if (!sighting.stopped) await this.#renew(member, told, { id, seenAt }, signal);
    await writeObserved(member, plan, signal);
    await this.#leaveOthers(member, id, signal);
    const version = told.metadata.resourceVersion;
    if (this.#settling.delete(id) && plan.isPossible)
      this.#written.set(id, { sighting, member, version, showsWorkloads });
  }

  /** Once for each sign of life, and not more often than need be. */
  async #renew(
    member: Member,
    object: HostObject,
    { id, seenAt }: { readonly id: string; readonly seenAt: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, renewEveryMs } = this.#options;
    const before = this.#renewedAt.get(id);
    const steady = clock.steady();
    if (before !== undefined && (seenAt <= before || steady - before < renewEveryMs)) return;
    await renewHost(member, object, id, { now: clock.now(), signal });
    this.#renewedAt.set(id, steady);
  }

  /** A host that says now that it belongs to another cluster is in that one alone. */
  async #leaveOthers(home: Member, id: string, signal: AbortSignal): Promise<void> {
    for (const member of this.#options.members()) {
      const left = member.hosts.get(hostNameOf(id));
      if (member === home || left?.status?.runtime !== 'wasmcloud' || left.status.hostId !== id) continue;
      const { name, uid } = left.metadata;
      // Two names of one cluster: it is the object that was just written.
      if (uid === home.hosts.get(name)?.metadata.uid) continue;
      try {
        await member.client.delete(WasmCloudHost, name, undefined, { uid, signal });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
  }
}

/** Whose the object is, when it is not this host's to write: first come, first served, while the first is well. */
function holderOf({ status }: HostObject, { lattice }: Sighting): string | undefined {
  if (status?.runtime === 'kasmcloud') return 'a KasmCloud host';
  const isElsewhere = status?.lattice !== undefined && status.lattice !== lattice;
  if (!isElsewhere || !isConditionTrue(status.conditions, conditionTypes.ready)) return undefined;
  return `a host of lattice ${status.lattice}`;
}
