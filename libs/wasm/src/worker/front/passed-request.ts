import type { IncomingMessage } from 'node:http';
import type { Span } from '@kasmcloud/observe';
import { hasBody, headersOf } from '../../http/head.ts';
import { failed } from '../../http/refusal.ts';
import type { ResponseWriter } from '../../http/response-writer.ts';
import {
  bodyWindow,
  maxChunk,
  passed,
  type BodyPart,
  type FromWorker,
  type ResponseHead,
  type ToWorker,
} from '../../runtime/protocol.ts';

export interface Passing {
  readonly exchange: number;
  readonly message: IncomingMessage;
  readonly writer: ResponseWriter;
  readonly span: Span | undefined;
}

/** A request that the main thread answers, on the side of the thread that accepted it. */
export class PassedRequest {
  readonly #message: IncomingMessage;
  readonly #writer: ResponseWriter;
  readonly #send: (parts: readonly BodyPart[]) => void;
  readonly #span: Span | undefined;
  #ahead = 0;

  constructor({ exchange, message, writer, span }: Passing, post: (message: FromWorker) => void) {
    this.#message = message;
    this.#span = span;
    this.#writer = writer;
    this.#send = (parts) => post({ kind: 'send-body', call: passed, exchange, parts });
    if (hasBody(message)) this.#read();
  }

  /** A message about this request. */
  receive(message: Extract<ToWorker, { exchange: number }>): void {
    switch (message.kind) {
      case 'answer':
        if (message.fault !== undefined) this.#span?.fail(message.fault);
        if (message.outcome.kind === 'value') this.#writer.begin(message.outcome.value as ResponseHead);
        else this.#writer.refuse(failed);
        return;
      case 'answer-body':
        this.#writer.push([message.part]);
        return;
      case 'send-taken':
        this.#ahead -= message.bytes;
        if (this.#ahead < bodyWindow && this.#message.isPaused()) this.#message.resume();
        return;
      case 'send-unwanted':
        // What nobody reads flows past, so that the connection can be used again.
        this.#message.removeAllListeners('data');
        this.#message.resume();
    }
  }

  #read(): void {
    this.#message.on('data', (bytes: Uint8Array) => {
      this.#ahead += bytes.length;
      for (let at = 0; at < bytes.length; at += maxChunk) {
        // A copy: what is cloned is the whole buffer under a view, and a server's chunks share one.
        this.#send([{ kind: 'chunk', bytes: bytes.slice(at, at + maxChunk) }]);
      }
      if (this.#ahead >= bodyWindow) this.#message.pause();
    });
    this.#message.once('end', () => {
      const trailers = headersOf(this.#message.rawTrailers);
      this.#send([{ kind: 'end', ...(trailers.length > 0 && { trailers }) }]);
    });
    this.#message.once('error', (error) => this.#send([{ kind: 'broken', reason: error.message }]));
  }
}
