import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { WitError } from '../error.ts';
import { BodyPusher } from './body-pusher.ts';
import { GuestBody } from './guest-body.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

type Sent = Extract<FromWorker, { kind: 'send' }>;

/** A request that a guest sends, on the main thread's side: its body comes from the guest, the answer's goes there. */
export class GuestRequest {
  readonly #sent: Sent;
  readonly #post: (message: ToWorker) => void;
  readonly #body: GuestBody;
  readonly #answer: BodyPusher;

  /** `post` sends to the worker that runs the call. */
  constructor(sent: Sent, post: (message: ToWorker) => void) {
    const { call, exchange } = sent;
    this.#sent = sent;
    this.#post = post;
    this.#body = new GuestBody(
      (bytes) => post({ kind: 'send-taken', call, exchange, bytes }),
      () => post({ kind: 'send-unwanted', call, exchange }),
    );
    for (const part of sent.parts) this.#body.push(part);
    this.#answer = new BodyPusher((part) => post({ kind: 'answer-body', call, exchange, part }));
  }

  /** Has it sent and passes the answer on. Never rejects: a failure is an answer too. */
  async run(send: (request: HttpRequest) => Promise<HttpResponse>, signal: AbortSignal): Promise<void> {
    const { call, exchange, head } = this.#sent;
    signal.addEventListener('abort', () => this.#end(), { once: true });
    try {
      const { status, headers, body, trailers } = await send({
        ...head,
        body: this.#body,
        trailers: this.#body.trailers,
      });
      this.#post({ kind: 'answer', call, exchange, outcome: { kind: 'head', head: { status, headers } } });
      await this.#answer.push(body ?? nothing(), trailers);
    } catch (error) {
      const outcome =
        error instanceof WitError
          ? ({ kind: 'error', payload: error.payload } as const)
          : ({ kind: 'trap', message: error instanceof Error ? error.message : String(error) } as const);
      this.#post({ kind: 'answer', call, exchange, outcome });
    }
  }

  receive(message: FromWorker): void {
    if (message.kind === 'send-body') for (const part of message.parts) this.#body.push(part);
    else if (message.kind === 'answer-taken') this.#answer.taken(message.bytes);
  }

  #end(): void {
    this.#body.end(new Error('the component ended before its request'));
    this.#answer.end();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
