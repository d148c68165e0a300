import type { ServerResponse } from 'node:http';
import { storedText } from '../store/stored-text.ts';
import type { WatchEvent, WatchPlan } from '../resources/watch.ts';

export interface WatchLimits {
  /** A reader that leaves more than this unread is cut off; it can watch again from where it was. */
  readonly maxUnreadBytes: number;
  readonly bookmarkEveryMs: number;
}

/** The log of events keeps enough for a reader that was cut off to go on where it was. */
export const defaultWatchLimits: WatchLimits = { maxUnreadBytes: 16 * 1024 * 1024, bookmarkEveryMs: 30_000 };

/** How many bytes are made for a connection before it has taken the ones before. */
const aheadBytes = 64 * 1024;

interface StreamOptions {
  readonly timeoutMs: number;
  readonly limits: WatchLimits;
  readonly closing: AbortSignal;
}

/** Streams events, one JSON document a line, until the client leaves, the time is over, or the server closes. */
export function streamWatch(
  response: ServerResponse,
  plan: WatchPlan,
  render: (event: WatchEvent, first: boolean) => Buffer,
  { timeoutMs, limits, closing }: StreamOptions,
): void {
  // The client left while the watch was prepared.
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  if (plan.refusal !== undefined) {
    response.end(`{"type":"ERROR","object":${JSON.stringify(plan.refusal.toStatus())}}\n`);
    return;
  }
  const reader = new Reader(response, render, limits.maxUnreadBytes);
  const stop = plan.follow((events) => reader.add(events));
  reader.owe(plan.initial);
  const bookmarks = plan.bookmarks
    ? setInterval(() => reader.add([plan.bookmark()]), limits.bookmarkEveryMs)
    : undefined;
  const timeout = setTimeout(() => {
    if (plan.bookmarks) reader.add([plan.bookmark()]);
    reader.end();
  }, timeoutMs);
  const end = (): void => reader.end();
  closing.addEventListener('abort', end, { once: true });
  response.once('close', () => {
    stop();
    clearInterval(bookmarks);
    clearTimeout(timeout);
    closing.removeEventListener('abort', end);
  });
}

/**
 * One connection and the events it has not taken. What waits are references to objects that the store or its log hold
 * anyway; bytes are made of them a little ahead of the connection, so a slow reader costs next to no memory.
 */
class Reader {
  readonly #response: ServerResponse;
  readonly #render: (event: WatchEvent, first: boolean) => Buffer;
  readonly #maxUnreadBytes: number;
  #waiting: WatchEvent[] = [];
  #next = 0;
  /** What is there at the start is owed to any reader, however much it is, and does not count as unread. */
  #owed = 0;
  #unreadBytes = 0;
  #first = true;

  constructor(response: ServerResponse, render: (event: WatchEvent, first: boolean) => Buffer, maxUnreadBytes: number) {
    this.#response = response;
    this.#render = render;
    this.#maxUnreadBytes = maxUnreadBytes;
    response.on('drain', () => this.#write());
  }

  owe(events: readonly WatchEvent[]): void {
    this.#waiting.push(...events);
    this.#owed = this.#waiting.length;
    this.#write();
  }

  add(events: readonly WatchEvent[]): void {
    for (const event of events) {
      this.#waiting.push(event);
      this.#unreadBytes += sizeOf(event);
    }
    this.#write();
    // The stream ends without its last chunk, so the client sees that it broke and asks again.
    if (this.#unreadBytes > this.#maxUnreadBytes) this.#response.destroy();
  }

  end(): void {
    this.#response.end();
  }

  #write(): void {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    const pieces: Buffer[] = [];
    let ahead = response.writableLength;
    while (this.#next < this.#waiting.length && ahead < aheadBytes) {
      const event = this.#waiting[this.#next];
      if (event === undefined) break;
      if (this.#next >= this.#owed) this.#unreadBytes -= sizeOf(event);
      this.#next += 1;
      const piece = this.#render(event, this.#first);
      ahead += piece.length;
      pieces.push(piece);
      if (event.type !== 'BOOKMARK') this.#first = false;
    }
    const [only] = pieces;
    if (only !== undefined) {
      // The events of one commit leave in one piece, and at once: before the answers to those who wrote it.
      response.cork();
      response.write(pieces.length === 1 ? only : Buffer.concat(pieces));
      response.uncork();
    }
    if (this.#next < this.#waiting.length) return;
    this.#waiting = [];
    this.#next = 0;
    this.#owed = 0;
  }
}

const sizeOf = ({ object }: WatchEvent): number => storedText(object).length;
