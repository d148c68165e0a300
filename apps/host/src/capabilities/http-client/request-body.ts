import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { HttpRequest } from '@kasmcloud/wrpc';

/** Methods whose requests mostly have no body: whether there is one is found out before anything is sent. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** Writes a request's body as it comes, and its trailers. Rejects when it breaks off, or is not as long as was told. */
export async function writeBody(sent: ClientRequest, { method, body, trailers }: HttpRequest): Promise<void> {
  const chunks = body?.[Symbol.asyncIterator]();
  if (chunks === undefined) {
    sent.end();
    return;
  }
  try {
    if (!bodiless.has(method)) sent.flushHeaders();
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      if (sent.destroyed) return;
      // Node would send it without saying how long it is, and the server would take it for the next request.
      const isFramed = sent.headersSent || sent.hasHeader('content-length');
      if (!isFramed) sent.setHeader('transfer-encoding', 'chunked');
      if (!sent.write(next.value)) await Promise.race([once(sent, 'drain'), once(sent, 'close')]);
    }
    const fields = await trailers;
    if (fields !== undefined && sent.chunkedEncoding)
      sent.addTrailers(fields.map(([name, value]): [string, string] => [name, value]));
    sent.end();
  } finally {
    await chunks.return?.();
  }
}
