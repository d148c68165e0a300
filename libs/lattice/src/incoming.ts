import { StreamDecoder, ValueDecoder, type DecodeLimits, type OpenAsync, type WitType } from '@kasmcloud/wrpc';
import { WrpcTimeoutError } from './error.ts';
import { MessageQueue } from './message-queue.ts';

export interface IncomingLimits {
  readonly decode: DecodeLimits;
  /** Bytes of one stream that may wait for its reader. */
  readonly maxBufferedBytes: number;
  /** How long an open stream may be silent. */
  readonly idleTimeoutMs: number;
}

/** Streams and futures that arrive on the nested subjects of one call. */
export class Incoming {
  readonly #queues = new Map<string, MessageQueue>();
  readonly #opened = new Set<string>();
  readonly #limits: IncomingLimits;
  readonly #subject: string;
  readonly #onOver: () => void;
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param paths all nested paths of the signature: their data may come before the value that holds them
   * @param onOver called whenever a stream has come to its end; see `isOver`
   */
  constructor(subject: string, paths: readonly string[], limits: IncomingLimits, onOver: () => void) {
    this.#subject = subject;
    this.#limits = limits;
    this.#onOver = onOver;
    for (const path of paths) this.#queues.set(path, new MessageQueue(limits.maxBufferedBytes, () => this.#ended()));
  }

  /** Nothing more is to come on any subject that the value opened. */
  get isOver(): boolean {
    for (const path of this.#opened) if (!(this.#queues.get(path)?.isOver ?? true)) return false;
    return true;
  }

  /** Peers send ends for subjects that nobody opened; those are not ours. */
  push(path: string, data: Uint8Array): void {
    this.#idle?.refresh();
    this.#queues.get(path)?.push(data);
  }

  fail(error: Error): void {
    for (const queue of this.#queues.values()) queue.fail(error);
  }

  /** Gives the value decoder what stands for a stream (async iterable of chunks) or a future (promise). */
  readonly open: OpenAsync = (path, type, inline) => {
    if (inline !== undefined) {
      this.#queues.get(path)?.discard();
      return type.kind === 'future' ? Promise.resolve(inline.value) : once(inline.value);
    }
    const queue = this.#queues.get(path);
    if (queue === undefined) throw new TypeError(`no nested subject ${path}`);
    this.#opened.add(path);
    if (!queue.isOver) this.#watch();
    if (type.kind === 'stream') return stream(queue, type.of, this.#limits.decode);
    const value = future(queue, type.of, this.#limits.decode);
    // Whoever ignores a future must not be ended by its failure.
    value.catch(() => undefined);
    return value;
  };

  #watch(): void {
    const { idleTimeoutMs } = this.#limits;
    this.#idle ??= setTimeout(
      () => this.fail(new WrpcTimeoutError(this.#subject, 'sent nothing on an open stream for', idleTimeoutMs)),
      idleTimeoutMs,
    );
  }

  #ended(): void {
    if (this.isOver) clearTimeout(this.#idle);
    this.#onOver();
  }
}

async function* once(value: unknown): AsyncGenerator {
  yield value;
}

// Not the generator itself: leaving a generator that was never read runs none of its code, and the queue would fill.
const stream = (queue: MessageQueue, of: WitType | undefined, limits: DecodeLimits): AsyncIterableIterator<unknown> => {
  const chunks = read(queue, of, limits);
  return {
    next: () => chunks.next(),
    return: () => {
      queue.discard();
      return chunks.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

async function* read(queue: MessageQueue, of: WitType | undefined, limits: DecodeLimits): AsyncGenerator {
  const decoder = new StreamDecoder(of, limits);
  try {
    while (!decoder.ended) {
      const message = await queue.next();
      if (message === undefined) return decoder.end();
      yield* decoder.push(message);
    }
  } finally {
    queue.discard();
  }
}

const future = async (queue: MessageQueue, of: WitType | undefined, limits: DecodeLimits): Promise<unknown> => {
  const decoder = new ValueDecoder([{ name: 'future', type: of ?? { kind: 'tuple', of: [] } }], limits);
  try {
    for (;;) {
      // A future without content is its end alone, so the end is awaited in that case too.
      const message = await queue.next();
      if (message === undefined) decoder.end();
      if (message === undefined || decoder.push(message)) return of === undefined ? undefined : decoder.values[0];
    }
  } finally {
    queue.discard();
  }
};
