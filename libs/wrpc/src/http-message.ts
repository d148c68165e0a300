// HTTP messages as a server or client in JavaScript sees them, and as the values that wrpc:http carries.

/** One entry per value; a name with several values appears several times. */
export type HttpHeader = readonly [name: string, value: string];

export interface HttpRequest {
  /** As on the request line, such as `GET`. */
  readonly method: string;
  readonly pathWithQuery?: string | undefined;
  /** `http`, `https` or another; absent when the peer did not say. */
  readonly scheme?: string | undefined;
  readonly authority?: string | undefined;
  readonly headers: readonly HttpHeader[];
  readonly body?: AsyncIterable<Uint8Array> | undefined;
  readonly trailers?: Promise<readonly HttpHeader[] | undefined> | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly HttpHeader[];
  readonly body?: AsyncIterable<Uint8Array> | undefined;
  readonly trailers?: Promise<readonly HttpHeader[] | undefined> | undefined;
}

/** A message that came from a peer: body and trailers are always there, if empty. */
export type ReceivedHttp<T> = T & {
  readonly body: AsyncIterable<Uint8Array>;
  readonly trailers: Promise<readonly HttpHeader[] | undefined>;
};

/** A case of wrpc:http `error-code`. */
export interface HttpErrorCode {
  readonly tag: string;
  readonly val?: unknown;
}

type WitFields = [name: string, values: Uint8Array[]][];

interface WitMessage {
  readonly body: AsyncIterable<Uint8Array>;
  readonly trailers: Promise<WitFields | undefined>;
  readonly headers: WitFields;
}

export interface WitRequest extends WitMessage {
  readonly method: { tag: string; val?: string };
  readonly pathWithQuery: string | undefined;
  readonly scheme: { tag: string; val?: string } | undefined;
  readonly authority: string | undefined;
}

export interface WitResponse extends WitMessage {
  readonly status: number;
}

const methods = new Set(['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']);

// Header values are bytes on the wire. Latin-1 maps every byte to one character and back, as Node's HTTP parser does.
const latin1 = (bytes: Uint8Array): string => {
  let out = '';
  for (const byte of bytes) out += String.fromCharCode(byte);
  return out;
};
const bytesOf = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0) & 0xff);

const toFields = (headers: readonly HttpHeader[]): WitFields => {
  const fields = new Map<string, Uint8Array[]>();
  for (const [name, value] of headers) {
    const values = fields.get(name.toLowerCase());
    if (values === undefined) fields.set(name.toLowerCase(), [bytesOf(value)]);
    else values.push(bytesOf(value));
  }
  return [...fields];
};

const fromFields = (fields: WitFields): HttpHeader[] =>
  fields.flatMap(([name, values]) => values.map((value): HttpHeader => [name, latin1(value)]));

async function* nothing(): AsyncGenerator<Uint8Array> {}

// Who calls us may fail before the trailers are looked at: then their rejection concerns nobody.
const quiet = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};

const toMessage = (message: HttpResponse | HttpRequest): WitMessage => ({
  body: message.body ?? nothing(),
  trailers: quiet(Promise.resolve(message.trailers).then((headers) => headers && toFields(headers))),
  headers: toFields(message.headers),
});

const fromMessage = (message: WitMessage): Pick<ReceivedHttp<HttpResponse>, 'body' | 'trailers' | 'headers'> => ({
  body: message.body,
  trailers: quiet(message.trailers.then((fields) => fields && fromFields(fields))),
  headers: fromFields(message.headers),
});

export const toWitRequest = (request: HttpRequest): WitRequest => {
  const method = request.method.toLowerCase();
  const scheme = request.scheme?.toUpperCase();
  return {
    ...toMessage(request),
    method: methods.has(method) ? { tag: method } : { tag: 'other', val: request.method },
    pathWithQuery: request.pathWithQuery,
    scheme:
      scheme === undefined || scheme === 'HTTP' || scheme === 'HTTPS'
        ? scheme && { tag: scheme }
        : { tag: 'other', val: request.scheme ?? '' },
    authority: request.authority,
  };
};

export const fromWitRequest = (request: WitRequest): ReceivedHttp<HttpRequest> => ({
  ...fromMessage(request),
  method: request.method.val ?? request.method.tag.toUpperCase(),
  pathWithQuery: request.pathWithQuery,
  scheme: request.scheme === undefined ? undefined : (request.scheme.val ?? request.scheme.tag.toLowerCase()),
  authority: request.authority,
});

export const toWitResponse = (response: HttpResponse): WitResponse => ({
  ...toMessage(response),
  status: response.status,
});

export const fromWitResponse = (response: WitResponse): ReceivedHttp<HttpResponse> => ({
  ...fromMessage(response),
  status: response.status,
});
