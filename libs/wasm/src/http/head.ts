import type { IncomingMessage } from 'node:http';
import type { HttpHeader } from '@kasmcloud/wrpc';
import type { RequestHead } from '../runtime/protocol.ts';

/** Headers of one connection, which say nothing about the message (RFC 9110 §7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
]);

const lengths: ReadonlySet<number> = new Set(Array.from(hopByHop, ({ length }) => length));

/** Whether a header is of the connection; `name` in lower case. To look a string up that was just made costs far more than its length. */
export const isHopByHop = (name: string): boolean => lengths.has(name.length) && hopByHop.has(name);

/** Pairs of a flat list of names and values, without those of the connection. */
export const headersOf = (raw: readonly string[]): HttpHeader[] => {
  const headers: HttpHeader[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    if (!isHopByHop(name)) headers.push([name, raw[at + 1] ?? '']);
  }
  return headers;
};

export const headOf = ({ method = 'GET', url, headers, rawHeaders }: IncomingMessage): RequestHead => ({
  method,
  pathWithQuery: url,
  scheme: 'http',
  authority: headers.host,
  headers: headersOf(rawHeaders),
});

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
