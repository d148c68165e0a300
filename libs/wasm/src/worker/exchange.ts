import { WitError } from '../error.ts';
import type { CallJob, FromWorker, ToWorker } from '../runtime/protocol.ts';
import { BodyReceiver, type BodySender } from './body.ts';
import type { HttpExchange } from './instance.ts';
import { IncomingRequest } from './wasi/http-incoming.ts';
import { ResponseOutparam } from './wasi/http-outgoing.ts';

/** A request that the main thread gave, on the worker's side. */
export class Exchange implements HttpExchange {
  readonly request: IncomingRequest;
  readonly out: ResponseOutparam;
  readonly #received: BodyReceiver;
  #sender: BodySender | undefined;
  #refusal: WitError | undefined;

  constructor(
    call: number,
    { head, hasBody }: Extract<CallJob, { kind: 'http' }>,
    post: (message: FromWorker) => void,
  ) {
    this.#received = new BodyReceiver((bytes) => post({ kind: 'request-taken', call, bytes }));
    if (!hasBody) this.#received.push({ kind: 'end' });
    this.request = new IncomingRequest(head, this.#received);
    this.out = new ResponseOutparam({
      respond: (response, parts, body) => {
        this.#sender = body;
        post({ kind: 'response', call, head: response, parts });
      },
      refuse: (errorCode) => (this.#refusal = new WitError(errorCode)),
      send: (parts) => post({ kind: 'response-body', call, parts }),
    });
  }

  get answered(): boolean {
    if (this.#refusal !== undefined) throw this.#refusal;
    return this.#sender !== undefined;
  }

  receive(message: ToWorker): void {
    if (message.kind === 'request-body') this.#received.push(message.part);
    else if (message.kind === 'response-taken') this.#sender?.taken(message.bytes);
    else if (message.kind === 'response-unwanted') this.#sender?.unwanted();
  }

  end(): void {
    this.#sender?.break('the component returned before the end of its response body');
    this.#sender?.flush();
  }
}
