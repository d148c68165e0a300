import { createInbox, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { isInbox } from '@kasmcloud/wire';

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
  readonly #sessions = new Map<string, InboxSession>();
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
    const id = (this.#next++).toString(36);
    this.#sessions.set(id, session);
    return this.#prefix + id;
  }

  close(subject: string): void {
    this.#sessions.delete(subject.slice(this.#prefix.length));
  }

  disconnected(error: Error): void {
    for (const session of this.#sessions.values()) session.disconnected(error);
  }

  #dispatch(message: Msg): void {
    const path = message.subject.slice(this.#prefix.length);
    const dot = path.indexOf('.');
    const session = this.#sessions.get(dot < 0 ? path : path.slice(0, dot));
    if (session !== undefined) return session.receive(dot < 0 ? '' : path.slice(dot + 1), message);
    // Someone still streams to a call that is over here. Answering where the chunk says lets a KasmCloud peer stop;
    // others do not ask. An empty message without a reply subject is never answered, so this cannot go round in circles.
    const { reply } = message;
    if (reply !== undefined && message.data.length > 0 && isInbox(reply)) this.#connection.publish(reply);
  }
}
