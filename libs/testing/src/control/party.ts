import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { findBucket, type LatticeConnection } from '@kasmcloud/lattice';
import { allEventsSubject, configBucket, controlSubject, latticeBucket } from '@kasmcloud/wire';
import { isFields, masked } from '../masked.ts';
import type { ControlExchange, Outcome, ToldEvent } from './exchange.ts';

/** What the names in braces of an exchange stand for. */
export interface ControlNames {
  /** Public key of the one host that is there. */
  readonly host: string;
  /** References of two components and a provider that start, and of something that is nowhere. */
  readonly image: string;
  readonly image2: string;
  readonly provider: string;
  readonly nowhere: string;
}

const ANSWER_MS = 20_000;
/** How long nobody must answer for it to be silence. */
const SILENCE_MS = 500;
const SETTLE_MS = 30_000;
/** Told whatever is asked: the host has started, and lives; the health of its providers. */
const UNASKED = /^host_(started|heartbeat)$|^health_check_/;
const ENVELOPE = ['data', 'datacontenttype', 'id', 'source', 'specversion', 'time', 'type'];

/** Puts exchanges to the one host of a lattice, whoever made it. */
export class ControlParty {
  /** Events that no exchange has accounted for. */
  readonly unforeseen: ToldEvent[] = [];
  readonly #connection: LatticeConnection;
  readonly #lattice: string;
  readonly #names: readonly (readonly [placeholder: string, name: string])[];

  constructor(connection: LatticeConnection, lattice: string, names: ControlNames) {
    this.#connection = connection;
    this.#lattice = lattice;
    this.#names = Object.entries(names).map(([name, value]) => [`{${name}}`, value]);
    connection.subscribe(allEventsSubject(lattice), ({ subject, data }) => {
      const told = this.#readEvent(subject, data);
      if (!UNASKED.test(told.name)) this.unforeseen.push(told);
    });
  }

  /** What an exchange came to, with what the expected outcome leaves open made equal to it. */
  async exchange({ ask, body, lattice = this.#lattice }: ControlExchange, expected: Outcome): Promise<Outcome> {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const subject = this.#filled(controlSubject.hostPing(lattice).replace('host.ping', ask));
    const answers = await this.#connection.scatter(subject, new TextEncoder().encode(this.#filled(text)), {
      waitMs: expected.reply === null ? SILENCE_MS : ANSWER_MS,
      maxAnswers: 1,
    });
    const reply = answers[0] === undefined ? null : masked(this.#read(answers[0].data), expected.reply);
    return {
      reply,
      ...(expected.tells !== undefined && { tells: await this.#heard(expected.tells) }),
      ...(expected.keeps !== undefined && { keeps: await this.#kept(expected.keeps) }),
    };
  }

  /** The events that were expected; with those that came instead when one does not come. */
  async #heard(expected: readonly ToldEvent[]): Promise<readonly ToldEvent[]> {
    const found: ToldEvent[] = [];
    const until = performance.now() + SETTLE_MS;
    for (const one of expected) {
      const isIt = (told: ToldEvent): boolean => isDeepStrictEqual(masked(told, one), one);
      while (!this.unforeseen.some(isIt) && performance.now() < until) await sleep(20);
      const at = this.unforeseen.findIndex(isIt);
      if (at === -1) return [...found, ...this.unforeseen.splice(0)];
      this.unforeseen.splice(at, 1);
      found.push(one);
    }
    return found;
  }

  /** What the buckets hold once it is what is expected, or at the end of patience. */
  async #kept(expected: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const until = performance.now() + SETTLE_MS;
    for (;;) {
      const entries = Object.entries(expected).map(
        async ([place, value]) => [place, masked(await this.#look(place), value)] as const,
      );
      const kept = Object.fromEntries(await Promise.all(entries));
      if (isDeepStrictEqual(kept, expected) || performance.now() > until) return kept;
      await sleep(50);
    }
  }

  async #look(place: string): Promise<unknown> {
    const [bucket, ...rest] = place.split('/');
    const key = rest.join('/');
    const name = bucket === 'CONFIGDATA' ? configBucket(this.#lattice) : latticeBucket(this.#lattice);
    const found = await findBucket(this.#connection, name, { timeoutMs: ANSWER_MS });
    const value = (await found?.get(key))?.value;
    return value === undefined ? null : this.#read(value);
  }

  /** An event that is not in the envelope of hosts is told whole, so that nobody takes it for one. */
  #readEvent(subject: string, bytes: Uint8Array): ToldEvent {
    const event = this.#read(bytes);
    const name = subject.split('.').at(-1) ?? '';
    const isProper =
      isFields(event) &&
      isDeepStrictEqual(Object.keys(event).toSorted(), ENVELOPE) &&
      event['specversion'] === '1.0' &&
      event['type'] === `com.wasmcloud.lattice.${name}` &&
      event['source'] === '{host}' &&
      event['datacontenttype'] === 'application/json' &&
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(event['time']));
    return isProper ? { name, data: event['data'] } : { name: `${name}, malformed`, data: event };
  }

  #filled(text: string): string {
    return this.#names.reduce((filled, [placeholder, name]) => filled.replaceAll(placeholder, name), text);
  }

  #read(bytes: Uint8Array): unknown {
    const text = new TextDecoder().decode(bytes);
    return JSON.parse(this.#names.reduce((named, [placeholder, name]) => named.replaceAll(name, placeholder), text));
  }
}
