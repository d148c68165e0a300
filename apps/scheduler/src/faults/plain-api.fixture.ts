import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Access } from './fault-world.fixture.ts';

/** As an API server tells it; what is looked at is said where it is looked at. */
export interface PlainObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Where objects of one kind are. */
export interface Collection<T extends PlainObject> {
  readonly path: string;
  /** Only for the compiler. */
  readonly holds?: T;
}

export interface PlainEvent<T> {
  readonly type: string;
  readonly object: T;
}

const PATIENCE_MS = 5_000;

/**
 * Reads an API server with nothing but Node's own HTTPS: who judges the scheduler must not share its client, its stores or
 * its types.
 */
export class PlainApi {
  readonly #access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.#access = access;
    this.#agent = new Agent({ ca: access.caPem, keepAlive: true });
  }

  async list<T extends PlainObject>({ path }: Collection<T>): Promise<{ items: T[]; version: string }> {
    const answer = await this.#ask('GET', path, AbortSignal.timeout(PATIENCE_MS));
    const list = JSON.parse(await text(answer)) as { items: T[]; metadata: { resourceVersion: string } };
    if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode}`);
    return { items: list.items, version: list.metadata.resourceVersion };
  }

  async remove({ path }: Collection<PlainObject>, name: string): Promise<void> {
    await text(await this.#ask('DELETE', `${path}/${name}`, AbortSignal.timeout(PATIENCE_MS)));
  }

  /** Calls `see` for every event after `version`; ends or throws with the connection. */
  async watch<T extends PlainObject>(
    { path }: Collection<T>,
    version: string,
    see: (event: PlainEvent<T>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const answer = await this.#ask('GET', `${path}?watch=true&resourceVersion=${version}`, signal);
    if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode}`);
    for await (const line of createInterface({ input: answer })) see(JSON.parse(line) as PlainEvent<T>);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(method: 'GET' | 'DELETE', path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${this.#access.adminToken}` };
    const asked = request(`${this.#access.url}${path}`, { method, agent: this.#agent, headers, signal });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }
}
