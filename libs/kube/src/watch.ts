import type { ObjectMeta } from '@kasmcloud/kube-api';
import { isRecord, refusalError, UnreachableError } from './errors.ts';

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing changed up to this version: a later watch may begin here. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** One event of a watch may not be larger: etcd holds 1.5 MB, so this is a server gone wrong. */
const longestLine = 16 * 1_048_576;

/**
 * The events in a watch's answer: one JSON object a line. An ERROR event is thrown as its typed error, GoneError among
 * them; a line that is no event means the stream is broken.
 */
export async function* watchEvents<T extends { readonly metadata: ObjectMeta }>(
  chunks: AsyncIterable<Buffer>,
  request: string,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  for await (const line of lines(chunks, request)) {
    const { type, object } = parse(line, request);
    if (type === 'ERROR') throw refusalError(request, 500, object);
    if (!isRecord(object) || !isRecord(object['metadata'])) {
      throw new UnreachableError(request, `a watch event without an object: ${line.slice(0, 100)}`);
    }
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        // The API server's schema is trusted here, as everywhere a caller names T without a parser.
        yield { type, object: object as unknown as T };
        break;
      case 'BOOKMARK': {
        const { resourceVersion } = object['metadata'];
        if (typeof resourceVersion === 'string') yield { type, resourceVersion };
        break;
      }
      default:
        throw new UnreachableError(request, `unknown watch event ${line.slice(0, 100)}`);
    }
  }
}

async function* lines(chunks: AsyncIterable<Buffer>, request: string): AsyncGenerator<string, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = lineOf(parts, chunk, start, end);
      parts = [];
      length = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestLine) throw new UnreachableError(request, `a watch event is over ${longestLine} bytes`);
  }
  // What is left without a newline was cut off: the next watch brings it again.
}

const newline = 0x0a;

/** The text of a line of which some came before; most come whole. */
function lineOf(before: readonly Buffer[], chunk: Buffer, start: number, end: number): string {
  if (before.length === 0) return chunk.toString('utf8', start, end);
  return Buffer.concat([...before, chunk.subarray(start, end)]).toString('utf8');
}

function parse(line: string, request: string): { type?: unknown; object?: unknown } {
  try {
    const event: unknown = JSON.parse(line);
    return isRecord(event) ? event : {};
  } catch (cause) {
    throw new UnreachableError(request, `a watch brought no JSON: ${line.slice(0, 100)}`, { cause });
  }
}
