import type { HttpHeader, HttpRequest, HttpResponse, ReceivedHttp } from '@kasmcloud/wrpc';
import type { Call, CallStreams } from './call.ts';
import { bodyWindow, maxChunk, type BodyPart, type FromWorker, type ResponseHead, type ToWorker } from './protocol.ts';
import { ResponseBody } from './response-body.ts';

/** The bodies of one HTTP call on the main thread's side: pushes the request's, collects the response's. */
export class HttpStreams implements CallStreams {
  /** The response, as soon as the guest gave its head. Rejects with what ended the call before. */
  readonly response: Promise<ReceivedHttp<HttpResponse>>;
  readonly #request: HttpRequest;
  readonly #post: (message: ToWorker) => void;
  readonly #answer = Promise.withResolvers<ReceivedHttp<HttpResponse>>();
  #body: ResponseBody | undefined;
  #window = bodyWindow;
  #more = Promise.withResolvers<void>();
  #isOver = false;

  /** `post` sends to the worker that runs the call. */
  constructor(request: HttpRequest, post: (message: ToWorker) => void) {
    this.#request = request;
    this.#post = post;
    this.response = this.#answer.promise;
  }

  started(call: Call): void {
    if (this.#request.body !== undefined) void this.#push(call.id, this.#request.body);
  }

  receive(message: FromWorker): void {
    if (message.kind === 'request-taken') {
      this.#window += message.bytes;
      this.#wake();
    } else if (message.kind === 'response') {
      this.#answer.resolve(this.#open(message.call, message.head));
      for (const part of message.parts) this.#body?.push(part);
    } else if (message.kind === 'response-body') {
      for (const part of message.parts) this.#body?.push(part);
    }
  }

  ended(error: Error | undefined): void {
    this.#isOver = true;
    this.#wake();
    this.#answer.reject(error ?? new Error('the call ended without a response'));
    this.#body?.end(error);
  }

  #open(call: number, head: ResponseHead): ReceivedHttp<HttpResponse> {
    const body = new ResponseBody(
      (bytes) => this.#post({ kind: 'response-taken', call, bytes }),
      () => this.#post({ kind: 'response-unwanted', call }),
    );
    this.#body = body;
    return { status: head.status, headers: head.headers, body, trailers: body.trailers };
  }

  async #push(call: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    const send = (part: BodyPart): void => this.#post({ kind: 'request-body', call, part });
    try {
      for await (const chunk of body) {
        for (let at = 0; at < chunk.length; at += maxChunk) {
          while (this.#window <= 0 && !this.#isOver) await this.#more.promise;
          if (this.#isOver) return;
          // A copy: what is cloned is the whole buffer under a view, and a server's chunks share one.
          const bytes = chunk.slice(at, at + maxChunk);
          this.#window -= bytes.length;
          send({ kind: 'chunk', bytes });
        }
        if (this.#isOver) return;
      }
      const trailers: readonly HttpHeader[] | undefined = await this.#request.trailers;
      send({ kind: 'end', trailers });
    } catch (error) {
      send({ kind: 'broken', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  #wake(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }
}
