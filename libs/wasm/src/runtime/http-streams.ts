import type { HttpRequest, HttpResponse, ReceivedHttp } from '@kasmcloud/wrpc';
import type { Call, CallStreams } from './call.ts';
import { BodyPusher } from './body-pusher.ts';
import { GuestBody } from './guest-body.ts';
import type { FromWorker, ResponseHead, ToWorker } from './protocol.ts';

/** The bodies of one HTTP call on the main thread's side: pushes the request's, collects the response's. */
export class HttpStreams implements CallStreams {
  /** The response, as soon as the guest gave its head. Rejects with what ended the call before. */
  readonly response: Promise<ReceivedHttp<HttpResponse>>;
  readonly #request: HttpRequest;
  readonly #post: (message: ToWorker) => void;
  readonly #answer = Promise.withResolvers<ReceivedHttp<HttpResponse>>();
  #body: GuestBody | undefined;
  #pusher: BodyPusher | undefined;

  /** `post` sends to the worker that runs the call. */
  constructor(request: HttpRequest, post: (message: ToWorker) => void) {
    this.#request = request;
    this.#post = post;
    this.response = this.#answer.promise;
  }

  started(call: Call): void {
    const { body, trailers } = this.#request;
    if (body === undefined) return;
    this.#pusher = new BodyPusher((part) => this.#post({ kind: 'request-body', call: call.id, part }));
    void this.#pusher.push(body, trailers);
  }

  receive(message: FromWorker): void {
    if (message.kind === 'request-taken') {
      this.#pusher?.taken(message.bytes);
    } else if (message.kind === 'response') {
      this.#answer.resolve(this.#open(message.call, message.head));
      for (const part of message.parts) this.#body?.push(part);
    } else if (message.kind === 'response-body') {
      for (const part of message.parts) this.#body?.push(part);
    }
  }

  ended(error: Error | undefined): void {
    this.#pusher?.end();
    if (this.#body === undefined) this.#answer.reject(error ?? new Error('the call ended without a response'));
    else this.#body.end(error);
  }

  #open(call: number, head: ResponseHead): ReceivedHttp<HttpResponse> {
    const body = new GuestBody(
      (bytes) => this.#post({ kind: 'response-taken', call, bytes }),
      () => this.#post({ kind: 'response-unwanted', call }),
    );
    this.#body = body;
    return { status: head.status, headers: head.headers, body, trailers: body.trailers };
  }
}
