import { WitError } from '../../error.ts';
import type { BodyPart, ResponseHead } from '../../runtime/protocol.ts';
import { BodySender } from '../body.ts';
import { Fields } from './fields.ts';
import { OutputStream } from './io.ts';

/** Where an answer goes: to the main thread, for the call that asked. */
export interface Responder {
  respond(head: ResponseHead, parts: readonly BodyPart[], body: BodySender): void;
  /** The guest answers with a wasi:http error-code. */
  refuse(errorCode: unknown): void;
  send(parts: readonly BodyPart[]): void;
}

/** wasi:http/types.outgoing-response. */
export class OutgoingResponse {
  readonly #headers: Fields;
  readonly #sender = new BodySender();
  #status = 200;
  #taken = false;

  constructor(headers: Fields) {
    this.#headers = headers;
  }

  statusCode(): number {
    return this.#status;
  }

  setStatusCode(status: number): void {
    if (status < 100 || status > 599) throw new WitError(undefined);
    this.#status = status;
  }

  headers(): Fields {
    return this.#headers;
  }

  /** The body, once. */
  body(): OutgoingBody {
    if (this.#taken) throw new WitError(undefined);
    this.#taken = true;
    return new OutgoingBody(this.#sender);
  }

  /** Hands the response over; its body goes on as the guest writes it, or is empty if the guest never asked for it. */
  answer(responder: Responder): void {
    if (!this.#taken) this.#sender.finish();
    const head = { status: this.#status, headers: this.#headers.freeze() };
    responder.respond(
      head,
      this.#sender.attach((parts) => responder.send(parts)),
      this.#sender,
    );
  }
}

/** wasi:http/types.outgoing-body. */
export class OutgoingBody {
  readonly #sender: BodySender;
  #written = false;

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    body.#sender.finish(trailers?.freeze());
  }

  constructor(sender: BodySender) {
    this.#sender = sender;
  }

  /** The stream, once. */
  write(): OutputStream {
    if (this.#written) throw new WitError(undefined);
    this.#written = true;
    return new OutputStream(this.#sender);
  }

  [Symbol.dispose](): void {
    this.#sender.break('the component dropped a body unfinished');
  }
}

type ResponseResult =
  { readonly tag: 'ok'; readonly val: OutgoingResponse } | { readonly tag: 'err'; readonly val: unknown };

/** wasi:http/types.response-outparam. */
export class ResponseOutparam {
  readonly #responder: Responder;

  static set(param: ResponseOutparam, response: ResponseResult): void {
    if (response.tag === 'ok') response.val.answer(param.#responder);
    else param.#responder.refuse(response.val);
  }

  constructor(responder: Responder) {
    this.#responder = responder;
  }

  /** Answers with what another component answers; its body goes into what is returned. */
  pass(head: ResponseHead): BodySender {
    const body = new BodySender();
    const parts = body.attach((more) => this.#responder.send(more));
    this.#responder.respond(head, parts, body);
    return body;
  }

  refuse(errorCode: unknown): void {
    this.#responder.refuse(errorCode);
  }
}
