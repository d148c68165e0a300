import { builtin } from '@kasmcloud/kube-api';
import type { Clock } from '@kasmcloud/reconcile';
import type { KubeClient } from './client.ts';
import { NotFoundError } from './errors.ts';
import { microTime, type Lease } from './lease.ts';

export interface LeaseRenewerOptions {
  readonly client: Pick<KubeClient, 'create' | 'tell'>;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  readonly holder: string;
  /** After so long without renewal others take the holder for gone. */
  readonly durationSeconds: number;
  readonly everyMs: number;
  /** Between the first renewal and the second, so that many who began together do not renew together. Default: `everyMs`. */
  readonly firstPauseMs?: number;
  /** Of a Lease that has to be created. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Told each failed renewal, with how long ago the last good one was begun. */
  readonly onFailure: (error: unknown, sinceRenewedMs: number) => void;
}

/** Says "I am alive" in a Lease of one's own, again and again, until `signal` aborts. Never throws. */
export async function renewLease(options: LeaseRenewerOptions, signal: AbortSignal): Promise<void> {
  const { clock, everyMs, firstPauseMs = everyMs } = options;
  let pauseMs = firstPauseMs;
  let renewedAt = clock.steady();
  while (!signal.aborted) {
    const begunAt = clock.steady();
    try {
      await renewOnce(options, signal);
      renewedAt = begunAt;
    } catch (error) {
      if (signal.aborted) return;
      options.onFailure(error, clock.steady() - renewedAt);
    }
    await clock.sleep(pauseMs - (clock.steady() - begunAt), signal);
    pauseMs = everyMs;
  }
}

async function renewOnce(options: LeaseRenewerOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, namespace, name, holder, durationSeconds, everyMs, labels } = options;
  const now = microTime(clock.now());
  const spec = { holderIdentity: holder, leaseDurationSeconds: durationSeconds, renewTime: now };
  // A hung renewal must not hold up the next one.
  const call = { signal, timeoutMs: everyMs };
  try {
    // A patch needs no version, so a renewal is one request whatever else was written.
    await client.tell(builtin.Lease, name, namespace, { spec }, { ...call, type: 'merge' });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const metadata = { name, namespace, ...(labels !== undefined && { labels }) };
    await client.create<Lease>(builtin.Lease, { metadata, spec: { ...spec, acquireTime: now } }, call);
  }
}
