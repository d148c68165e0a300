/**
 * Judges a rolling update from outside, with nothing but HTTP: it watches the Actors of each member and knows no code of
 * ours. A host is unavailable while it does not say that what was last written for it runs.
 */
import { request, type RequestOptions } from 'node:https';

interface Access {
  readonly name: string;
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}

interface Actor {
  readonly metadata: { readonly name: string; readonly generation: number; readonly resourceVersion: string };
  readonly spec: { readonly hostName: string; readonly image: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export class OutsideOracle {
  readonly #members: readonly Access[];
  readonly #path: string;
  /** What each member was last seen to hold, by name of the Actor. */
  readonly #seen = new Map<string, Map<string, Actor>>();
  readonly #stops: (() => void)[] = [];
  readonly #checks = new Set<Promise<void>>();
  readonly #allowed: number;
  #isChecking = false;
  /** The most that were ever unavailable together, as far as one look at all members told. */
  most = 0;
  /** Told in words, when there were more than allowed. */
  readonly violations: string[] = [];
  /** Every image that was ever written, with the hosts for which it was. */
  readonly written = new Map<string, Set<string>>();
  events = 0;

  constructor(members: readonly Access[], distribution: string, namespace: string, allowed: number) {
    this.#members = members;
    this.#allowed = allowed;
    const selector = encodeURIComponent(`kasmcloud.io/distribution=${distribution}`);
    this.#path = `/apis/kasmcloud.io/v1alpha1/namespaces/${namespace}/wasmcloudactors?labelSelector=${selector}`;
  }

  async start(): Promise<void> {
    for (const member of this.#members) {
      const { actors, version } = await this.#list(member);
      this.#seen.set(member.name, actors);
      this.#stops.push(this.#watch(member, version));
    }
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await Promise.all(this.#checks);
  }

  #watch(member: Access, version: string): () => void {
    let rest = '';
    const sent = request(optionsOf(member, `${this.#path}&watch=true&resourceVersion=${version}`), (answer) => {
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#take(member.name, JSON.parse(line));
      });
      answer.on('error', () => undefined);
    });
    sent.on('error', () => undefined);
    sent.end();
    return () => void sent.destroy();
  }

  #take(member: string, { type, object }: { readonly type: string; readonly object: Actor }): void {
    this.events += 1;
    const seen = this.#seen.get(member) ?? new Map<string, Actor>();
    this.#seen.set(member, seen);
    if (type === 'DELETED') seen.delete(object.metadata.name);
    else {
      seen.set(object.metadata.name, object);
      const hosts = this.written.get(object.spec.image) ?? new Set<string>();
      this.written.set(object.spec.image, hosts.add(object.spec.hostName));
    }
    const down = unavailable([...this.#seen.values()]);
    if (down.length <= this.#allowed) this.most = Math.max(this.most, down.length);
    else if (!this.#isChecking) this.#checks.add(this.#confirm());
  }

  /** Streams of several servers have no common order: what looks like too many is looked at again, everywhere, at once. */
  async #confirm(): Promise<void> {
    this.#isChecking = true;
    const lists = await Promise.all(this.#members.map((member) => this.#list(member)));
    this.#isChecking = false;
    const down = unavailable(lists.map(({ actors }) => actors));
    this.most = Math.max(this.most, down.length);
    if (down.length > this.#allowed) this.violations.push(`${down.length} unavailable: ${down.join(', ')}`);
  }

  async #list(member: Access): Promise<{ actors: Map<string, Actor>; version: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const sent = request(optionsOf(member, this.#path), (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve(text));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
    const list: { items: Actor[]; metadata: { resourceVersion: string } } = JSON.parse(await promise);
    const actors = new Map(list.items.map((actor) => [actor.metadata.name, actor]));
    return { actors, version: list.metadata.resourceVersion };
  }
}

const optionsOf = ({ url, caPem, token }: Access, path: string): RequestOptions => {
  const { hostname, port } = new URL(url);
  return { hostname, port, path, ca: caPem, headers: { authorization: `Bearer ${token}` } };
};

const unavailable = (members: readonly ReadonlyMap<string, Actor>[]): string[] =>
  members.flatMap((actors) => [...actors.values()].filter(isDown).map(({ spec }) => spec.hostName));

const isDown = ({ metadata, status }: Actor): boolean =>
  status?.observedGeneration !== metadata.generation ||
  status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True';
