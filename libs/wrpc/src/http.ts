// wrpc:http@0.1.0, the interfaces by which wasmCloud 1.x carries wasi:http: its WIT, as types.
import type { FuncType, WitCase, WitType } from './wit-type.ts';

const string: WitType = { kind: 'string' };
const u16: WitType = { kind: 'u16' };
const u32: WitType = { kind: 'u32' };
const u64: WitType = { kind: 'u64' };
const option = (of: WitType): WitType => ({ kind: 'option', of });
const record = (fields: Record<string, WitType>): WitType => ({
  kind: 'record',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
const cases = (...all: (string | [string, WitType])[]): WitCase[] =>
  all.map((one) => (typeof one === 'string' ? { name: one } : { name: one[0], type: one[1] }));

/** Header names with all their values, in order. */
export const httpFields: WitType = {
  kind: 'list',
  of: { kind: 'tuple', of: [string, { kind: 'list', of: { kind: 'list', of: { kind: 'u8' } } }] },
};

export const httpMethod: WitType = {
  kind: 'variant',
  cases: cases('get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch', ['other', string]),
};

export const httpScheme: WitType = { kind: 'variant', cases: cases('HTTP', 'HTTPS', ['other', string]) };

const body: WitType = { kind: 'stream', of: { kind: 'u8' } };
const trailers: WitType = { kind: 'future', of: option(httpFields) };

export const httpRequest: WitType = record({
  body,
  trailers,
  method: httpMethod,
  'path-with-query': option(string),
  scheme: option(httpScheme),
  authority: option(string),
  headers: httpFields,
});

export const httpResponse: WitType = record({ body, trailers, status: u16, headers: httpFields });

/** Nanoseconds. */
export const httpRequestOptions: WitType = record({
  'connect-timeout': option(u64),
  'first-byte-timeout': option(u64),
  'between-bytes-timeout': option(u64),
});

const dnsError = record({ rcode: option(string), 'info-code': option(u16) });
const tlsAlert = record({ 'alert-id': option({ kind: 'u8' }), 'alert-message': option(string) });
const fieldSize = record({ 'field-name': option(string), 'field-size': option(u32) });

export const httpErrorCode: WitType = {
  kind: 'variant',
  cases: cases(
    'DNS-timeout',
    ['DNS-error', dnsError],
    'destination-not-found',
    'destination-unavailable',
    'destination-IP-prohibited',
    'destination-IP-unroutable',
    'connection-refused',
    'connection-terminated',
    'connection-timeout',
    'connection-read-timeout',
    'connection-write-timeout',
    'connection-limit-reached',
    'TLS-protocol-error',
    'TLS-certificate-error',
    ['TLS-alert-received', tlsAlert],
    'HTTP-request-denied',
    'HTTP-request-length-required',
    ['HTTP-request-body-size', option(u64)],
    'HTTP-request-method-invalid',
    'HTTP-request-URI-invalid',
    'HTTP-request-URI-too-long',
    ['HTTP-request-header-section-size', option(u32)],
    ['HTTP-request-header-size', option(fieldSize)],
    ['HTTP-request-trailer-section-size', option(u32)],
    ['HTTP-request-trailer-size', fieldSize],
    'HTTP-response-incomplete',
    ['HTTP-response-header-section-size', option(u32)],
    ['HTTP-response-header-size', fieldSize],
    ['HTTP-response-body-size', option(u64)],
    ['HTTP-response-trailer-section-size', option(u32)],
    ['HTTP-response-trailer-size', fieldSize],
    ['HTTP-response-transfer-coding', option(string)],
    ['HTTP-response-content-coding', option(string)],
    'HTTP-response-timeout',
    'HTTP-upgrade-failed',
    'HTTP-protocol-error',
    'loop-detected',
    'configuration-error',
    ['internal-error', option(string)],
  ),
};

const answer: WitType = { kind: 'result', ok: httpResponse, err: httpErrorCode };

/** `handle` of wrpc:http/incoming-handler. */
export const httpIncomingHandle: FuncType = { params: [{ name: 'request', type: httpRequest }], result: answer };

/** `handle` of wrpc:http/outgoing-handler. */
export const httpOutgoingHandle: FuncType = {
  params: [
    { name: 'request', type: httpRequest },
    { name: 'options', type: option(httpRequestOptions) },
  ],
  result: answer,
};
