import type { NatsConnection } from '@nats-io/nats-core';
import type { EncodedHeaders } from './headers.ts';

interface Waiting {
  readonly subject: string;
  readonly payload: Uint8Array | undefined;
  readonly reply: string | undefined;
  readonly headers: EncodedHeaders | undefined;
}

/** More bytes than this do not wait: the server can be at work on them already. */
const ENOUGH_BYTES = 65_536;

/**
 * Messages that leave at the end of a turn of the event loop, all in one write: what many calls have to say comes up in as many
 * microtasks, and the client underneath would write for each.
 */
export class SendQueue {
  readonly #nats: NatsConnection;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  push(message: Waiting): void {
    this.#waiting.push(message);
    this.#bytes += message.payload?.length ?? 0;
    if (this.#bytes >= ENOUGH_BYTES) return this.flush();
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Hands over what there is now. */
  flush(): void {
    const waiting = this.#take();
    // Their calls hear of it.
    if (this.#nats.isClosed()) return;
    for (const { subject, payload, reply, headers } of waiting) {
      this.#nats.publish(subject, payload, {
        ...(reply !== undefined && { reply }),
        ...(headers !== undefined && { headers }),
      });
    }
  }

  /** The connection broke: calls of which these are part are lost, and are not to begin when it is back. */
  clear(): void {
    this.#take();
  }

  #take(): readonly Waiting[] {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    return waiting;
  }
}
