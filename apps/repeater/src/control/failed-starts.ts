import {
  conditionTypes,
  findCondition,
  labels,
  latticeUser,
  MANAGED_BY_LATTICE,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { ConflictError } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';
import type { Member } from '../members/member.ts';

export interface FailedStartsOptions {
  readonly lattice: string;
  readonly members: () => readonly Member[];
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** How long a start may fail before it counts as failed for good, milliseconds. Default 60,000. */
  readonly graceMs?: number;
}

/**
 * Takes away what clients of the lattice started on KasmCloud hosts and never ran: a wasmCloud host keeps nothing of a start
 * that failed, and no client ever stops what it was told has failed. The time given is for config, links and images that are
 * on their way.
 */
export class FailedStarts {
  readonly #options: FailedStartsOptions;

  constructor(options: FailedStartsOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError, graceMs = 60_000 } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(graceMs / 10, signal);
      try {
        await this.#sweep(graceMs, signal);
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
    }
  }

  async #sweep(graceMs: number, signal: AbortSignal): Promise<void> {
    const { lattice, members, clock } = this.#options;
    for (const member of members())
      for (const host of member.ourHosts) {
        if (signal.aborted) return;
        const { name } = host.metadata;
        for (const one of [...member.actorsOn(lattice, name), ...member.providersOn(lattice, name)])
          if (neverRan(one, clock.now(), graceMs)) await this.#remove(member, one, signal);
      }
  }

  async #remove({ client }: Member, one: ActorObject | ProviderObject, signal: AbortSignal): Promise<void> {
    const { lattice } = this.#options;
    const { name, uid, resourceVersion } = one.metadata;
    const kind = one.kind === WasmCloudActor.kind ? WasmCloudActor : WasmCloudProvider;
    try {
      await client.as(latticeUser(lattice)).delete(kind, name, lattice, { uid, resourceVersion, signal });
    } catch (error) {
      // It is another one by now: the next look shows whether that runs.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

/** Whether the lattice's clients started it, and it has failed since, for longer than the grace. */
export function neverRan({ metadata, status }: ActorObject | ProviderObject, now: number, graceMs: number): boolean {
  if (metadata.labels?.[labels.managedBy] !== MANAGED_BY_LATTICE) return false;
  const ready = findCondition(status?.conditions, conditionTypes.ready);
  if (ready?.status !== 'False') return false;
  const failedAt = Date.parse(ready.lastTransitionTime);
  // One that ran for a while, and then did not, is tried again by its host for as long as it stands.
  return failedAt - Date.parse(metadata.creationTimestamp ?? '') < graceMs && now - failedAt > graceMs;
}
