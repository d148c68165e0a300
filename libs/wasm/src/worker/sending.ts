import { WitError } from '../error.ts';
import type { FromWorker, SendRequest, ToWorker } from '../runtime/protocol.ts';
import { BodyReceiver, type BodySender } from './body.ts';

/** What came back for a request. */
export interface Answer {
  readonly value: unknown;
  readonly body: BodyReceiver;
}

/** A request that the guest sends, on the worker's side, until its answer is read. */
export class Sending {
  /** Rejects with WitError of the error case, or with another error when the host failed. */
  readonly answer: Promise<Answer>;
  readonly #answer = Promise.withResolvers<Answer>();
  readonly #sender: BodySender;
  readonly #received: BodyReceiver;

  constructor(
    call: number,
    exchange: number,
    request: SendRequest,
    sender: BodySender,
    post: (message: FromWorker) => void,
  ) {
    this.answer = this.#answer.promise;
    // The guest may never ask.
    this.answer.catch(() => undefined);
    this.#sender = sender;
    this.#received = new BodyReceiver((bytes) => post({ kind: 'answer-taken', call, exchange, bytes }));
    const parts = sender.attach((more) => post({ kind: 'send-body', call, exchange, parts: more }));
    post({ kind: 'send', call, exchange, request, parts });
  }

  receive(message: ToWorker): void {
    if (message.kind === 'answer-body') this.#received.push(message.part);
    else if (message.kind === 'send-taken') this.#sender.taken(message.bytes);
    else if (message.kind === 'send-unwanted') this.#sender.unwanted();
    else if (message.kind === 'answer') {
      const { outcome } = message;
      if (outcome.kind === 'value') this.#answer.resolve({ value: outcome.value, body: this.#received });
      else if (outcome.kind === 'error') this.#answer.reject(new WitError(outcome.payload));
      else this.#answer.reject(new Error(outcome.message));
    }
  }

  /** The call is over: no message about this request comes any more. */
  end(): void {
    const reason = 'the call that sent this request is over';
    this.#answer.reject(new Error(reason));
    this.#received.push({ kind: 'broken', reason });
    this.#sender.unwanted();
  }
}
