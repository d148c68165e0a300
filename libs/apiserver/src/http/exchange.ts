import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { stringify as yamlText } from 'yaml';
import type { JsonObject } from '../schema/json.ts';
import type { StatusError } from '../status.ts';
import { readBody } from './body.ts';
import type { Wanted } from './negotiation.ts';
import type { RequestInfo } from './request-info.ts';

/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** An answer that is not sent yet. */
export interface Reply {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

/** One request with its answer, after authentication. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly info: RequestInfo;
  readonly user: User;
  /** Told to the client in `Warning` headers. */
  readonly warnings: string[] = [];
  /** What is sent once everything it tells of is durable; undefined for an answer that streams. */
  reply: Reply | undefined;
  #body: Promise<Buffer> | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, url: URL, info: RequestInfo, user: User) {
    this.request = request;
    this.response = response;
    this.url = url;
    this.info = info;
    this.user = user;
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  body(): Promise<Buffer> {
    this.#body ??= readBody(this.request);
    return this.#body;
  }

  send(code: number, value: JsonObject, wanted: Wanted = plain): void {
    this.reply = valueReply(code, value, wanted, this.#warningHeader());
  }

  /** Sends JSON that is text already. */
  sendJson(code: number, text: string): void {
    this.reply = jsonReply(code, text, this.#warningHeader());
  }

  /** For a path that no API is behind: no Status, as there is no kind of object to speak of. */
  sendPageNotFound(): void {
    this.sendText(404, '404 page not found\n');
  }

  sendText(code: number, text: string, type = 'text/plain; charset=utf-8'): void {
    this.reply = { code, headers: { 'content-type': type }, body: text };
  }

  sendBytes(code: number, body: Buffer, headers: Reply['headers']): void {
    this.reply = { code, headers, body };
  }

  /** The answer to what failed, with what was told until then. */
  refusal(error: StatusError): Reply {
    return statusReply(error, this.#warningHeader());
  }

  #warningHeader(): Reply['headers'] {
    if (this.warnings.length === 0) return {};
    const told = [...new Set(this.warnings)].slice(0, maxWarnings);
    return { warning: told.map((warning) => `299 - ${quoted(warning)}`) };
  }
}

const maxWarnings = 20;
const plain: Wanted = { shape: 'object', format: 'json', pretty: false };

/** A header value: printable ASCII in quotes. */
const quoted = (text: string): string =>
  `"${text
    .slice(0, 1024)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/["\\]/g, '\\$&')}"`;

function valueReply(code: number, value: JsonObject, { format, pretty }: Wanted, headers: Reply['headers']): Reply {
  if (format === 'yaml') {
    return {
      code,
      headers: { ...headers, ...uncached, 'content-type': 'application/yaml' },
      body: yamlText(value, yamlOptions),
    };
  }
  return jsonReply(code, pretty ? `${JSON.stringify(value, undefined, 2)}\n` : JSON.stringify(value), headers);
}

/** As Go's writer lays YAML out. */
const yamlOptions = { sortMapEntries: true, indentSeq: false, lineWidth: 0 };

const uncached = { 'cache-control': 'no-cache, private' };

const jsonReply = (code: number, text: string, headers: Reply['headers'] = {}): Reply => ({
  code,
  headers: { ...headers, ...uncached, 'content-type': 'application/json' },
  body: text,
});

export const statusReply = (error: StatusError, headers: Reply['headers'] = {}): Reply =>
  jsonReply(error.code, JSON.stringify(error.toStatus()), {
    ...headers,
    ...(error.code === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(error.code === 504 || error.code === 429 ? { 'retry-after': '1' } : {}),
  });

export function sendReply(response: ServerResponse, { code, headers, body }: Reply): void {
  response.writeHead(code, { ...headers, 'content-length': Buffer.byteLength(body) } as OutgoingHttpHeaders);
  response.end(body);
}
