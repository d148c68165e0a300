import type { ServerResponse } from 'node:http';
import type { WatchEvent, WatchPlan } from '../resources/watch.ts';

export interface WatchLimits {
  /** A reader that leaves more than this unread is cut off; it can watch again from where it was. */
  readonly maxUnreadBytes: number;
  readonly bookmarkEveryMs: number;
}

export const defaultWatchLimits: WatchLimits = { maxUnreadBytes: 32 * 1024 * 1024, bookmarkEveryMs: 30_000 };

/** Streams events, one JSON document a line, until the client leaves, the time is over, or the server closes. */
export function streamWatch(
  response: ServerResponse,
  plan: WatchPlan,
  render: (event: WatchEvent, first: boolean) => string,
  options: { readonly timeoutMs: number; readonly limits: WatchLimits; readonly closing: AbortSignal },
): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  let first = true;
  // What is there at the start is owed to any reader, however much it is.
  let allowedBytes = Number.POSITIVE_INFINITY;
  const write = (type: string, json: string): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(`{"type":"${type}","object":${json}}\n`);
    // The stream ends without its last chunk, so the client sees that it broke and asks again.
    if (response.writableLength > allowedBytes) response.destroy();
  };
  const send = (event: WatchEvent): void => {
    const json = render(event, first);
    if (event.type !== 'BOOKMARK') first = false;
    write(event.type, json);
  };
  if (plan.refusal !== undefined) {
    write('ERROR', JSON.stringify(plan.refusal.toStatus()));
    response.end();
    return;
  }
  const stop = plan.follow(send);
  for (const event of plan.initial) send(event);
  allowedBytes = response.writableLength + options.limits.maxUnreadBytes;
  const bookmarks = plan.bookmarks
    ? setInterval(() => send(plan.bookmark()), options.limits.bookmarkEveryMs)
    : undefined;
  const finish = (): void => {
    if (plan.bookmarks) send(plan.bookmark());
    response.end();
  };
  const timeout = setTimeout(finish, options.timeoutMs);
  const end = (): void => {
    response.end();
  };
  options.closing.addEventListener('abort', end, { once: true });
  response.once('close', () => {
    stop();
    clearInterval(bookmarks);
    clearTimeout(timeout);
    options.closing.removeEventListener('abort', end);
  });
}
