import { createInbox, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { isInbox } from '@kasmcloud/wire';
import { UnderWay } from '@kasmcloud/wrpc';

const ZERO = 0x30;
const DOT = 0x2e;

/** One end of one call: what arrives under its part of the inbox. */
export interface InboxSession {
  /** @param rest what follows the session's own subject: '', `results`, `params.0.1` … */
  receive(rest: string, message: Msg): void;
  /** The connection broke; whatever was under way is lost. */
  disconnected(error: Error): void;
}

/**
 * One wildcard subscription for all calls of a connection, as a subscription per call would cost two round trips of
 * bookkeeping in the server. Messages go to their session by the token after the inbox's name; those of sessions that
 * are over are dropped.
 */
export class Inbox {
  readonly #connection: NatsConnection;
  readonly #prefix = `${createInbox()}.`;
  readonly #sessions = new UnderWay<InboxSession>();
  #next = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    connection.subscribe(`${this.#prefix}>`, {
      callback: (error, message) => {
        if (error === null) this.#dispatch(message);
      },
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Registers a session under a subject of its own, which it returns. */
  open(session: InboxSession): string {
    const id = this.#next++;
    this.#sessions.set(id, session);
    return this.#prefix + String(id);
  }

  close(subject: string): void {
    this.#sessions.delete(this.#idOf(subject));
  }

  /** Of whose session a message is: the number behind the inbox's name, up to a dot. Negative where there is none. */
  #idOf(subject: string): number {
    let id = 0;
    for (let at = this.#prefix.length; at < subject.length; at += 1) {
      const unit = subject.charCodeAt(at);
      if (unit === DOT) break;
      if (unit < ZERO || unit > ZERO + 9) return -1;
      id = id * 10 + unit - ZERO;
    }
    return id;
  }

  disconnected(error: Error): void {
    for (const session of this.#sessions.values()) session.disconnected(error);
  }

  #dispatch(message: Msg): void {
    const { subject } = message;
    const session = this.#sessions.get(this.#idOf(subject));
    if (session !== undefined) {
      const dot = subject.indexOf('.', this.#prefix.length);
      return session.receive(dot < 0 ? '' : subject.slice(dot + 1), message);
    }
    // Someone still streams to a call that is over here. Answering where the chunk says lets a KasmCloud peer stop;
    // others do not ask. An empty message without a reply subject is never answered, so this cannot go round in circles.
    const { reply } = message;
    if (reply !== undefined && message.data.length > 0 && isInbox(reply)) this.#connection.publish(reply);
  }
}
