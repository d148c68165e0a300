import type { LatticeConnection, LatticeMessage, LatticeSubscription } from '@kasmcloud/lattice';
import type { Logger } from '@kasmcloud/observe';
import type { Clock } from '@kasmcloud/reconcile';
import {
  decodeJson,
  encodeJson,
  everyLogSubject,
  isInbox,
  logQuerySchema,
  parseLogSubject,
  WireError,
  type LogBatch,
  type LogLine,
} from '@kasmcloud/wire';
import type { LogBuffer, LogBuffers } from './log-buffer.ts';

export interface LogAnswersOptions {
  readonly connection: LatticeConnection;
  readonly buffers: LogBuffers;
  readonly clock: Clock;
  readonly hostName: string;
  /** The member that this host is in, once that is known. */
  readonly cluster: () => string | undefined;
  readonly log: Logger;
}

/** Followers at once: each costs what its actor logs. */
const MOST_FOLLOWERS = 100;
/** A message stays well below what NATS takes, 1 MiB. */
const BATCH_CHARACTERS = 128 * 1024;

interface Follower {
  readonly stop: () => void;
  cancel: () => void;
}

/** Answers those who ask the lattice for what its actors log. */
export class LogAnswers {
  readonly #options: LogAnswersOptions;
  readonly #subscription: LatticeSubscription;
  readonly #followers = new Map<string, Follower>();

  constructor(options: LogAnswersOptions) {
    this.#options = options;
    this.#subscription = options.connection.subscribe(everyLogSubject, (message) => this.#answer(message));
  }

  close(): void {
    this.#subscription.close();
    for (const inbox of this.#followers.keys()) this.#leave(inbox);
  }

  #answer({ subject, reply, data }: LatticeMessage): void {
    const address = parseLogSubject(subject);
    // Lines go to private inboxes only: nobody may have us publish to a subject that others listen to.
    if (address === undefined || reply === undefined || !isInbox(reply)) return;
    const buffer = this.#options.buffers.get(address.lattice, address.actor);
    if (buffer === undefined) return;
    try {
      const { since, tail, followMs = 0, renew = false } = decodeJson('log query', logQuerySchema, data);
      if (!renew || !this.#followers.has(reply))
        this.#send(reply, buffer.read({ since, tail: renew ? 0 : tail }), true);
      if (followMs > 0) this.#follow(reply, buffer, followMs);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#options.log.debug({ err: error, subject }, 'log query refused');
    }
  }

  #follow(inbox: string, buffer: LogBuffer, followMs: number): void {
    const { clock } = this.#options;
    const known = this.#followers.get(inbox);
    if (known === undefined && this.#followers.size >= MOST_FOLLOWERS) return;
    known?.cancel();
    const stop = known?.stop ?? buffer.listen((line) => this.#send(inbox, [line], false));
    this.#followers.set(inbox, { stop, cancel: clock.after(followMs, () => this.#leave(inbox)) });
  }

  #leave(inbox: string): void {
    const follower = this.#followers.get(inbox);
    this.#followers.delete(inbox);
    follower?.stop();
    follower?.cancel();
  }

  #send(inbox: string, lines: readonly LogLine[], last: boolean): void {
    const { connection, hostName, cluster } = this.#options;
    // Whoever asked asks again once NATS is back.
    if (!connection.isConnected) return;
    const from = { host: hostName, cluster: cluster() };
    const batches = inBatches(lines);
    for (const [index, batch] of batches.entries()) {
      const message: LogBatch = { ...from, lines: batch, last: last && index === batches.length - 1 };
      connection.publish(inbox, encodeJson(message));
    }
  }
}

/** At least one, so that a host with nothing to tell tells that. */
function inBatches(lines: readonly LogLine[]): LogLine[][] {
  const batches: LogLine[][] = [[]];
  let size = 0;
  for (const line of lines) {
    size += line.message.length + line.context.length;
    if (size > BATCH_CHARACTERS) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(line);
  }
  return batches;
}
