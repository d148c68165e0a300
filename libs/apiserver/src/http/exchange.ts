import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
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

/** One request with its answer, after authentication. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly info: RequestInfo;
  readonly user: User;
  /** Told to the client in `Warning` headers. */
  readonly warnings: string[] = [];
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
    if (this.warnings.length > 0) {
      this.response.setHeader(
        'warning',
        [...new Set(this.warnings)].slice(0, maxWarnings).map((warning) => `299 - ${quoted(warning)}`),
      );
    }
    sendValue(this.response, code, value, wanted);
  }

  sendText(code: number, text: string, type = 'text/plain; charset=utf-8'): void {
    const body = Buffer.from(text);
    this.response.writeHead(code, { 'content-type': type, 'content-length': body.length });
    this.response.end(body);
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

function sendValue(response: ServerResponse, code: number, value: JsonObject, { format, pretty }: Wanted): void {
  const text = format === 'yaml' ? stringify(value) : JSON.stringify(value, undefined, pretty ? 2 : 0);
  const body = Buffer.from(format === 'yaml' || !pretty ? text : `${text}\n`);
  response.writeHead(code, {
    'content-type': format === 'yaml' ? 'application/yaml' : 'application/json',
    'content-length': body.length,
    'cache-control': 'no-cache, private',
  });
  response.end(body);
}

export function sendStatus(response: ServerResponse, error: StatusError): void {
  if (error.code === 401) response.setHeader('www-authenticate', 'Bearer');
  if (error.code === 504 || error.code === 429) response.setHeader('retry-after', '1');
  sendValue(response, error.code, error.toStatus(), plain);
}
