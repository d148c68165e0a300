import type { HttpHeader, HttpResponse } from '@kasmcloud/wrpc';
import { WitError } from '../error.ts';
import { BodyPusher } from './body-pusher.ts';
import { GuestBody } from './guest-body.ts';
import type { FromWorker, Outcome, ResponseHead, SendRequest, ToWorker } from './protocol.ts';
import type { HostFunctions, InvokeContext, StreamResult } from './types.ts';

type Sent = Extract<FromWorker, { kind: 'send' }>;

interface Answer extends StreamResult {
  readonly trailers?: Promise<readonly HttpHeader[] | undefined> | undefined;
}

/** Something that a guest sends, on the main thread's side: its body comes from the guest, the answer's goes there. */
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

  /** Has the host serve it and passes the answer on. Never rejects: a failure is an answer too. */
  async run(host: HostFunctions | undefined, context: InvokeContext): Promise<void> {
    context.signal.addEventListener('abort', () => this.#end(), { once: true });
    try {
      const { value, body, trailers } = await this.#serve(host, this.#sent.request, context);
      this.#tell({ kind: 'value', value });
      await this.#answer.push(body ?? nothing(), trailers);
    } catch (error) {
      // A guest that still writes is to hear of it.
      this.#body.leave();
      if (error instanceof WitError) this.#tell({ kind: 'error', payload: error.payload });
      else this.#tell({ kind: 'trap', message: error instanceof Error ? error.message : String(error) });
    }
  }

  receive(message: FromWorker): void {
    if (message.kind === 'send-body') for (const part of message.parts) this.#body.push(part);
    else if (message.kind === 'answer-taken') this.#answer.taken(message.bytes);
  }

  async #serve(host: HostFunctions | undefined, request: SendRequest, context: InvokeContext): Promise<Answer> {
    const body = this.#body;
    switch (request.kind) {
      case 'http': {
        if (host?.sendHttp === undefined) throw new WitError({ tag: 'HTTP-request-denied' });
        const message = { ...request.head, body, trailers: body.trailers };
        return answerOf(await host.sendHttp(message, request.head.timeouts, context));
      }
      case 'handle': {
        if (host?.handleHttp === undefined) throw new WitError({ tag: 'HTTP-request-denied' });
        return answerOf(await host.handleHttp({ ...request.head, body, trailers: body.trailers }, context));
      }
      case 'function': {
        const { instance, func, args } = request;
        if (host?.stream === undefined) throw new Error(`${instance}.${func} is not served`);
        return host.stream(instance, func, args, body, context);
      }
    }
  }

  #tell(outcome: Outcome): void {
    const { call, exchange } = this.#sent;
    this.#post({ kind: 'answer', call, exchange, outcome });
  }

  #end(): void {
    this.#body.end(new Error('the component ended before its request'));
    this.#answer.end();
  }
}

const answerOf = ({ status, headers, body, trailers }: HttpResponse): Answer => {
  const value: ResponseHead = { status, headers };
  return { value, body, trailers };
};

async function* nothing(): AsyncGenerator<Uint8Array> {}
