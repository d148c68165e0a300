import type { HttpRequest } from '@kasmcloud/wrpc';
import { BodyPusher } from './body-pusher.ts';
import { GuestBody } from './guest-body.ts';
import type { Answered } from './http-listener.ts';
import type { FromFront, FromWorker, ToWorker } from './protocol.ts';

type Pass = Extract<FromFront, { kind: 'pass' }>;

/** A request whose connection a thread accepted, on the main thread's side: its body comes from there, the answer's goes there. */
export class PassedRequest {
  readonly #pass: Pass;
  readonly #post: (message: ToWorker) => void;
  readonly #body: GuestBody;
  readonly #answer: BodyPusher;
  readonly #left = new AbortController();

  /** `post` sends to the thread. */
  constructor(pass: Pass, post: (message: ToWorker) => void) {
    const { call, exchange } = pass;
    this.#pass = pass;
    this.#post = post;
    this.#body = new GuestBody(
      (bytes) => post({ kind: 'send-taken', call, exchange, bytes }),
      () => post({ kind: 'send-unwanted', call, exchange }),
    );
    this.#answer = new BodyPusher((part) => post({ kind: 'answer-body', call, exchange, part }));
  }

  /** Has it answered and passes the answer on. Rejects only as `respond` does. */
  async run(respond: (request: HttpRequest, signal: AbortSignal) => Answered | Promise<Answered>): Promise<void> {
    const { call, exchange, head, hasBody } = this.#pass;
    const body = hasBody ? { body: this.#body, trailers: this.#body.trailers } : {};
    const { status, headers, body: answer, trailers, fault } = await respond({ ...head, ...body }, this.#left.signal);
    const value = { status, headers };
    this.#post({ kind: 'answer', call, exchange, outcome: { kind: 'value', value }, fault });
    await this.#answer.push(answer ?? nothing(), trailers);
    // What nobody read of the request flows past.
    if (hasBody) this.#body.leave();
  }

  receive(message: FromWorker): void {
    if (message.kind === 'send-body') for (const part of message.parts) this.#body.push(part);
    else if (message.kind === 'answer-taken') this.#answer.taken(message.bytes);
  }

  /** Its client, or the thread with it, is gone. */
  leave(reason: Error): void {
    this.#left.abort(reason);
    this.#body.end(reason);
    this.#answer.end();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
