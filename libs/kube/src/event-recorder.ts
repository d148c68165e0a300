import { apiVersionOf, builtin, type Kind } from '@kasmcloud/kube-api';
import type { Clock } from '@kasmcloud/reconcile';
import type { AnyObject } from './client-options.ts';
import type { KubeClient } from './client.ts';
import { NotFoundError } from './errors.ts';
import { microTime } from './lease.ts';

/** What happened to an object, for `kubectl describe` and `kubectl get events`. */
export interface EventFact {
  readonly type: 'Normal' | 'Warning';
  /** Why, as one CamelCase word: `HostLost`. */
  readonly reason: string;
  /** What was done about it, as one CamelCase word: `Replace`. */
  readonly action: string;
  /** For people. Cut at 1,024 characters. */
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>;
  readonly clock: Clock;
  /** `kasmcloud.io/scheduler`: which controller reports. */
  readonly controller: string;
  /** Which of its processes; at most 128 characters. */
  readonly instance: string;
  /** Told what could not be written. Events are a courtesy: nothing else happens. */
  readonly onError: (error: unknown) => void;
  /** New events in a row that may be written at once. Default 50. */
  readonly burst?: number;
  /** New events a second that may be written in the long run. Default 2. */
  readonly perSecond?: number;
  /** Repetitions of one event are gathered for so long and written together. Default 10,000. */
  readonly gatherMs?: number;
}

/** The repetitions of one fact, kept in one Event object. */
interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastAt: number;
  cancelFlush: (() => void) | undefined;
}

/** After so long without repetition a fact is a new event, as in Kubernetes' own recorder. */
const seriesEndsAfterMs = 6 * 60_000;
const mostSeries = 1_000;

/** Writes that may wait for a server that is slow or away. */
const mostPending = 200;

/**
 * Writes `events.k8s.io/v1` Events beside the work and never in its way: `record` returns at once and never throws. The
 * same fact about the same object raises the count of its Event instead of making another, and new ones are limited.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #tokensAt: number;
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;
  #dropped = 0;
  #number = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#burst = options.burst ?? 50;
    this.#perMs = (options.perSecond ?? 2) / 1_000;
    this.#tokens = this.#burst;
    this.#tokensAt = options.clock.steady();
  }

  /** Facts that were not written because there were too many of them. */
  get dropped(): number {
    return this.#dropped;
  }

  record(kind: Kind, object: AnyObject, fact: EventFact): void {
    const now = this.#options.clock.steady();
    const { uid, namespace, name } = object.metadata;
    const key = JSON.stringify([kind.kind, uid ?? [namespace, name], fact.type, fact.reason, fact.action, fact.note]);
    const known = this.#series.get(key);
    if (known !== undefined && now - known.lastAt < seriesEndsAfterMs) {
      this.#repeat(key, known, now);
    } else if (this.#takeToken(now)) {
      this.#begin(key, kind, object, fact, now);
    } else {
      this.#dropped++;
    }
  }

  /** Writes what is gathered and waits until it is written, or until `signal` aborts: a server may be away. */
  async flush(signal?: AbortSignal): Promise<void> {
    for (const [key, series] of this.#series) {
      if (series.cancelFlush !== undefined) this.#writeCount(key, series);
    }
    const { promise: givenUp, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await Promise.race([this.#tail, givenUp]);
  }

  #begin(key: string, kind: Kind, object: AnyObject, fact: EventFact, now: number): void {
    const { client, clock, controller, instance } = this.#options;
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const event = {
      metadata: {
        // The API server wants names of at most 253 characters; time and number make this one new.
        name: `${name.slice(0, 200)}.${clock.now().toString(16)}${(this.#number++).toString(16)}`,
        // Events about cluster-scoped objects live in `default`, where kubectl looks for them.
        namespace: namespace ?? 'default',
      },
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
      type: fact.type,
      reason: fact.reason,
      action: fact.action,
      note: fact.note.slice(0, 1_024),
      regarding: { apiVersion: apiVersionOf(kind), kind: kind.kind, name, namespace, uid, resourceVersion },
    };
    const series: Series = { ...event.metadata, count: 1, lastAt: now, cancelFlush: undefined };
    this.#remember(key, series);
    this.#write(key, async () => void (await client.create(builtin.Event, event)));
  }

  #repeat(key: string, series: Series, now: number): void {
    series.count++;
    series.lastAt = now;
    // Moves it to the end: the front of the map is what was silent for longest.
    this.#remember(key, series);
    series.cancelFlush ??= this.#options.clock.after(this.#options.gatherMs ?? 10_000, () =>
      this.#writeCount(key, series),
    );
  }

  #writeCount(key: string, series: Series): void {
    const { client, clock } = this.#options;
    series.cancelFlush?.();
    series.cancelFlush = undefined;
    const patch = { series: { count: series.count, lastObservedTime: microTime(clock.now()) } };
    this.#write(key, async () => {
      await client.patch(builtin.Event, series.name, series.namespace, patch, { type: 'merge' });
    });
  }

  /** One write after the other, in the order of the facts. */
  #write(key: string, write: () => Promise<void>): void {
    if (this.#pending >= mostPending) {
      this.#dropped++;
      return;
    }
    this.#pending++;
    this.#tail = this.#tail
      .then(write)
      .catch((error: unknown) => {
        // The Event never came to be, or its time is up: the next repetition makes a new one.
        this.#series.delete(key);
        if (!(error instanceof NotFoundError)) this.#options.onError(error);
      })
      .finally(() => this.#pending--);
  }

  #remember(key: string, series: Series): void {
    this.#series.delete(key);
    this.#series.set(key, series);
    if (this.#series.size <= mostSeries) return;
    for (const [oldest, { cancelFlush }] of this.#series) {
      cancelFlush?.();
      this.#series.delete(oldest);
      return;
    }
  }

  #takeToken(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#tokensAt) * this.#perMs);
    this.#tokensAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
