import {
  annotations,
  keyOf,
  WasmCloudHost,
  type ActorObject,
  type HostObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { annotatedTexts } from '../annotated.ts';
import type { Member } from '../members/member.ts';
import type { Running } from './step.ts';
import { workKey, type Wanted } from './wanted.ts';

/** By kind and id of what runs: the object for which it does. */
type Noted = Readonly<Record<string, string>>;

/**
 * What runs on legacy hosts for Kubernetes although others started it, and so bears no sign of ours: it was taken over as it
 * ran. Noted on the host's object, so that whoever carries knows later that it may be stopped.
 */
export class Adoptions {
  /** By host name. What was written here counts more than what a watch brought. */
  readonly #noted = new Map<string, Noted>();

  clear(): void {
    this.#noted.clear();
  }

  /** What runs, with the objects for which others started it: by what was noted, and by what a Distribution wants gone. */
  mark(
    host: HostObject,
    running: ReadonlyMap<string, Running>,
    standing: readonly (ActorObject | ProviderObject)[],
  ): ReadonlyMap<string, Running> {
    const noted = { ...this.#of(host), ...unwantedIn(standing) };
    return new Map(
      [...running].map(([work, one]) => {
        const object = one.object ?? noted[work];
        return [work, object === undefined ? one : { ...one, object }];
      }),
    );
  }

  /** Notes what runs now without a sign of ours and is wanted, and forgets what is over. `running`: as the host tells it. */
  async note(
    { client }: Member,
    host: HostObject,
    { wanted, running }: { wanted: ReadonlyMap<string, Wanted>; running: ReadonlyMap<string, Running> },
    signal: AbortSignal,
  ): Promise<void> {
    const before = this.#of(host);
    const next: Record<string, string> = {};
    for (const [work, { object, image }] of running) {
      if (object !== undefined) continue;
      const wish = wanted.get(work);
      const [first] = wish?.image === image ? (wish?.objects ?? []) : [];
      const owner = first === undefined ? before[work] : keyOf(first);
      if (owner !== undefined) next[work] = owner;
    }
    if (sameTexts(before, next)) return;
    const { name } = host.metadata;
    const text = Object.keys(next).length === 0 ? null : JSON.stringify(next);
    const patch = { metadata: { annotations: { [annotations.adopted]: text } } };
    await client.patch(WasmCloudHost, name, undefined, patch, { type: 'merge', signal });
    this.#noted.set(name, next);
  }

  #of(host: HostObject): Noted {
    return this.#noted.get(host.metadata.name) ?? annotatedTexts(host, annotations.adopted);
  }
}

function unwantedIn(standing: readonly (ActorObject | ProviderObject)[]): Noted {
  return Object.fromEntries(
    standing.flatMap(({ metadata, spec }) => {
      const distribution = metadata.annotations?.[annotations.unwanted];
      const kind = 'instances' in spec ? 'component' : 'provider';
      return distribution === undefined ? [] : [[workKey(kind, spec.id), distribution]];
    }),
  );
}

const sameTexts = (a: Noted, b: Noted): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);
