import type { IncomingMessage } from 'node:http';
import { WitError } from '../../error.ts';
import { hasBody, headersOf } from '../../http/head.ts';
import type { ResponseWriter } from '../../http/response-writer.ts';
import { bodyWindow, type RequestHead } from '../../runtime/protocol.ts';
import { BodyReceiver, type BodySender } from '../body.ts';
import type { HttpExchange } from '../instance.ts';
import { IncomingRequest } from '../wasi/http-incoming.ts';
import { ResponseOutparam } from '../wasi/http-outgoing.ts';

/** A request that this thread accepted and a guest in it answers. */
export class OwnExchange implements HttpExchange {
  readonly request: IncomingRequest;
  readonly out: ResponseOutparam;
  readonly #writer: ResponseWriter;
  #sender: BodySender | undefined;
  #refusal: WitError | undefined;

  constructor(message: IncomingMessage, head: RequestHead, writer: ResponseWriter) {
    this.#writer = writer;
    this.request = new IncomingRequest(head, receive(message));
    this.out = new ResponseOutparam({
      respond: (response, parts, body) => {
        this.#sender = body;
        writer.begin(response, parts);
      },
      refuse: (errorCode) => (this.#refusal = new WitError(errorCode)),
      send: (parts) => writer.push(parts),
    });
  }

  get answered(): boolean {
    if (this.#refusal !== undefined) throw this.#refusal;
    return this.#sender !== undefined;
  }

  /** The client took that many bytes of the answer. */
  taken(bytes: number): void {
    this.#sender?.taken(bytes);
  }

  receive(): void {
    // Nothing of it passes through the main thread.
  }

  end(): void {
    this.#sender?.break('the component returned before the end of its response body');
    this.#sender?.flush();
    this.#writer.flush();
  }
}

/** The body of a request, read no further ahead of the guest than the window. */
const receive = (message: IncomingMessage): BodyReceiver => {
  let ahead = 0;
  const body = new BodyReceiver((bytes) => {
    ahead -= bytes;
    if (ahead < bodyWindow && message.isPaused()) message.resume();
  });
  if (!hasBody(message)) {
    body.push({ kind: 'end' });
    return body;
  }
  message.on('data', (bytes: Uint8Array) => {
    ahead += bytes.length;
    body.push({ kind: 'chunk', bytes });
    if (ahead >= bodyWindow) message.pause();
  });
  message.once('end', () => {
    const trailers = headersOf(message.rawTrailers);
    body.push({ kind: 'end', ...(trailers.length > 0 && { trailers }) });
  });
  message.once('error', (error) => body.push({ kind: 'broken', reason: error.message }));
  return body;
};
