/** Sees from outside what is Ready where, by watching the members. */
import { conditionTypes, isConditionTrue, labels, WasmCloudActor, type ActorObject } from '@kasmcloud/kube-api';
import { Store } from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';
import type { ApiServer } from './servers.ts';

interface Seen {
  readonly distribution: string;
  /** `cluster/host` */
  readonly place: string;
  readonly replicas: number;
  readonly ready: number;
}

export class Observer implements AsyncDisposable {
  readonly #stores: Store<Seen>[];
  /** Ready replicas by distribution, then by `cluster/host`. */
  readonly #ready = new Map<string, Map<string, number>>();
  readonly #waiting = new Set<() => void>();
  objects = 0;
  total = 0;

  constructor(members: readonly ApiServer[]) {
    this.#stores = members.map(({ name, client }) => {
      const store = new Store<Seen>({
        client,
        kind: WasmCloudActor,
        labelSelector: labels.distribution,
        clock: systemClock,
        random: Math.random,
        onError: () => undefined,
        keep: (object) => seenIn(name, object as ActorObject),
      });
      store.onChange((_, before, after) => this.#changed(before, after));
      return store;
    });
  }

  /** Ready replicas of a distribution, without those on some places. */
  readyOf(distribution: string, isCounted: (place: string) => boolean = () => true): number {
    let sum = 0;
    for (const [place, ready] of this.#ready.get(distribution) ?? []) if (isCounted(place)) sum += ready;
    return sum;
  }

  /** Distributions with something Ready on a `cluster/host`. */
  on(place: string): string[] {
    return [...this.#ready].filter(([, places]) => (places.get(place) ?? 0) > 0).map(([name]) => name);
  }

  places(): Set<string> {
    return new Set([...this.#ready.values()].flatMap((places) => [...places.keys()]));
  }

  /** Resolves with `performance.now()` of the change after which it held; rejects when it takes too long. */
  async when(what: string, holds: () => boolean, withinMs = 240_000): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const timer = setTimeout(() => reject(new Error(`not within ${withinMs} ms: ${what}`)), withinMs);
    const look = (): void => {
      if (holds()) resolve(performance.now());
    };
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
  }

  #changed(before: Seen | undefined, after: Seen | undefined): void {
    this.objects += (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    if (before?.ready === after?.ready && before?.place === after?.place) return;
    if (before !== undefined) this.#add(before, -before.ready);
    if (after !== undefined) this.#add(after, after.ready);
    for (const look of this.#waiting) look();
  }

  #add({ distribution, place }: Seen, ready: number): void {
    this.total += ready;
    const places = this.#ready.get(distribution) ?? new Map<string, number>();
    this.#ready.set(distribution, places);
    const now = (places.get(place) ?? 0) + ready;
    if (now === 0) places.delete(place);
    else places.set(place, now);
  }
}

function seenIn(cluster: string, { metadata, spec, status }: ActorObject): Seen {
  const isReady =
    isConditionTrue(status?.conditions, conditionTypes.ready) && status?.observedGeneration === metadata.generation;
  return {
    distribution: metadata.labels?.[labels.distribution] ?? '',
    place: `${cluster}/${spec.hostName}`,
    replicas: spec.instances,
    ready: isReady ? spec.instances : 0,
  };
}
