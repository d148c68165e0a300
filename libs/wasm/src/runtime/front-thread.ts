import { UnderWay } from '@kasmcloud/wrpc';
import { begunBy, entriesOf, sharedTime, stopWatching } from './ledger.ts';
import { PassedRequest } from './passed-request.ts';
import type { FromFront, Home } from './protocol.ts';
import type { Thread } from './thread.ts';

/** A guest that runs for so long without a break holds its thread up. */
const heldUpMs = 250;

/** A thread that began nothing for so long is not looked at any more. */
const quietMs = 1_000;

/** A thread that listens, as the main thread sees it. */
export class FrontThread {
  readonly thread: Thread;
  /** Settled by what it says about a listener, by number. */
  readonly opening = new Map<number, PromiseWithResolvers<number>>();
  readonly closing = new Map<number, PromiseWithResolvers<void>>();
  readonly retiring = new Map<number, PromiseWithResolvers<void>>();
  readonly #passed = new UnderWay<PassedRequest>();
  /** Component by route. */
  readonly #homes = new Map<number, number>();
  #isWatched = false;
  #turn = 0;
  #heldMs = 0;
  #begun = 0;
  #quietSince = 0;

  constructor(thread: Thread) {
    this.thread = thread;
  }

  get isWatched(): boolean {
    return this.#isWatched;
  }

  /** It runs requests of a route from now on. */
  settle(home: Home): void {
    if (this.#homes.get(home.route) === home.component) return;
    this.#homes.set(home.route, home.component);
    this.thread.post({ kind: 'home', home });
  }

  /** It runs nothing more of a component; resolves when what it runs has ended. */
  retire(component: number): Promise<void> {
    for (const [route, home] of this.#homes) if (home === component) this.#homes.delete(route);
    if (!this.thread.hasLoaded(component)) return Promise.resolve();
    const waiting = this.retiring.get(component) ?? Promise.withResolvers<void>();
    this.retiring.set(component, waiting);
    this.thread.post({ kind: 'retire', component });
    return waiting.promise;
  }

  open(pass: Extract<FromFront, { kind: 'pass' }>): PassedRequest {
    const request = new PassedRequest(pass, (message) => this.thread.post(message));
    this.#passed.set(pass.exchange, request);
    return request;
  }

  passed(exchange: number): PassedRequest | undefined {
    return this.#passed.get(exchange);
  }

  close(exchange: number): void {
    this.#passed.delete(exchange);
  }

  /** It says that it runs calls by itself. */
  watch(now: number): void {
    this.#isWatched = true;
    this.#quietSince = now;
    this.#begun = begunBy(this.thread.ledger);
  }

  /** Is not watched any more once it begins nothing for a while. */
  rest(now: number): void {
    const begun = begunBy(this.thread.ledger);
    if (begun !== this.#begun) {
      this.#begun = begun;
      this.#quietSince = now;
    } else if (this.#isQuiet(now) && stopWatching(this.thread.ledger, begun)) this.#isWatched = false;
  }

  #isQuiet(now: number): boolean {
    return now - this.#quietSince > quietMs && entriesOf(this.thread.ledger).length === 0;
  }

  /**
   * The component whose guest holds it up: the turn that it is in lasts. To be asked every `everyMs`; counted is how often
   * it was asked, because on a machine where this thread does not get to ask, the other may not get to run either.
   */
  holder(everyMs: number): number | undefined {
    const { component, turn } = this.thread.atWork;
    this.#heldMs = turn === this.#turn && component !== undefined ? this.#heldMs + everyMs : 0;
    this.#turn = turn;
    return this.#heldMs > heldUpMs ? component : undefined;
  }

  /** A component whose call should have ended so long ago. */
  overdue(graceMs: number): number | undefined {
    return entriesOf(this.thread.ledger).find(({ endsAt }) => ((sharedTime(performance.now()) - endsAt) | 0) > graceMs)
      ?.component;
  }

  /** The thread is no more. */
  lose(reason: Error): void {
    for (const request of this.#passed.values()) request.leave(reason);
    for (const opening of this.opening.values()) opening.reject(reason);
    for (const waiting of [...this.closing.values(), ...this.retiring.values()]) waiting.resolve();
  }
}
