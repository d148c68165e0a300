/** The thread that asks: HTTP/1.1 over plain sockets, so that the client costs little beside the server it measures. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { Asked, Window } from './http-client.ts';

/** A server may close what is idle for some seconds; node:http does after six. */
const IDLE_MS = 3_000;

/** One keep-alive connection, one request under way at a time. One that was idle for long is opened anew. */
class Connection {
  readonly #port: number;
  #socket: Socket;
  #usedAt = performance.now();
  #received = '';
  #answered: ((answer: string | undefined) => void) | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.#socket = this.#connect();
  }

  static async open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    await once(connection.#socket, 'connect');
    return connection;
  }

  /** The answer with its head, or undefined when the connection broke. */
  ask(request: string, answered: (answer: string | undefined) => void): void {
    this.#answered = answered;
    if (this.#socket.destroyed || performance.now() - this.#usedAt > IDLE_MS) {
      this.#socket.destroy();
      this.#socket = this.#connect();
    }
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  #connect(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (socket === this.#socket) this.#settle(undefined);
    });
    return socket;
  }

  #take(text: string): void {
    this.#received += text;
    if (!isWhole(this.#received)) return;
    this.#settle(this.#received);
  }

  #settle(answer: string | undefined): void {
    const answered = this.#answered;
    this.#answered = undefined;
    this.#received = '';
    this.#usedAt = performance.now();
    answered?.(answer);
  }
}

/** Whether an answer has come to its end: by its length, or by its last chunk. */
function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer.slice(0, head))?.[1];
  if (length === undefined) return answer.endsWith('\r\n0\r\n\r\n');
  return answer.length >= head + 4 + Number(length);
}

const requestFor = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;

/** How long after a window its answers may come; what has not been answered by then is lost. */
const PATIENCE_MS = 20_000;

/** Times of the answers of one window. */
class Tally {
  readonly times: number[] = [];
  right = 0;
  wrong = 0;
  lost = 0;
  readonly faults: Record<string, number> = {};
  /** When the last answer came. */
  lastAt = performance.now();
  readonly #expected: string;

  constructor(expected: string) {
    this.#expected = expected;
  }

  note(answer: string | undefined, sinceMs: number): void {
    if (answer === undefined) {
      this.lost += 1;
      this.#fault('connection closed');
      return;
    }
    this.lastAt = performance.now();
    this.times.push(this.lastAt - sinceMs);
    if (answer.startsWith('HTTP/1.1 200') && answer.includes(this.#expected)) {
      this.right += 1;
      return;
    }
    this.wrong += 1;
    this.#fault(summaryOf(answer));
  }

  /** A request that was given up. */
  giveUp(): void {
    this.lost += 1;
    this.#fault('not answered in time');
  }

  #fault(fault: string): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
  }
}

/** The status line of an answer and the first line of its body. */
const summaryOf = (answer: string): string => {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return `${head.split('\r\n')[0]}: ${body.split('\n')[0]}`.slice(0, 100);
};

/** Every connection asks again as soon as it was answered. */
async function closedLoop({ path, ms, expected }: Window, connections: readonly Connection[]): Promise<Asked> {
  const tally = new Tally(expected);
  const request = requestFor(path);
  const startedAt = performance.now();
  const waiting = new Set(connections);
  let isOver = false;
  const ask = (connection: Connection, done: () => void): void => {
    const sentAt = performance.now();
    connection.ask(request, (answer) => {
      if (isOver) tally.giveUp();
      else tally.note(answer, sentAt);
      if (answer !== undefined && performance.now() - startedAt < ms) return ask(connection, done);
      waiting.delete(connection);
      done();
    });
  };
  const deadline = setTimeout(() => {
    isOver = true;
    for (const connection of waiting) connection.close();
  }, ms + PATIENCE_MS);
  await Promise.all(connections.map((connection) => new Promise<void>((done) => ask(connection, done))));
  clearTimeout(deadline);
  return resultOf(tally, tally.lastAt - startedAt);
}

/** So many requests each second, whatever the answers do: a late answer does not hold up the next request. */
async function openLoop(
  { path, ms, expected, perSecond = 0 }: Window,
  connections: readonly Connection[],
): Promise<Asked> {
  const tally = new Tally(expected);
  const request = requestFor(path);
  const free = [...connections];
  const startedAt = performance.now();
  const total = Math.round((ms / 1000) * perSecond);
  let sent = 0;
  let answered = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
    for (; sent < due; sent++) {
      // Measured from when it was due, also when every connection was waiting.
      const dueAt = startedAt + (sent * 1000) / perSecond;
      const connection = free.shift();
      if (connection === undefined) return;
      connection.ask(request, (answer) => {
        tally.note(answer, dueAt);
        free.push(connection);
        if (++answered === total) resolve();
      });
    }
    if (sent === total) clearInterval(timer);
  }, 1);
  await promise;
  return resultOf(tally, performance.now() - startedAt);
}

function resultOf(tally: Tally, tookMs: number): Asked {
  const times = Float64Array.from(tally.times).toSorted();
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  const { right, wrong, lost, faults } = tally;
  return { right, wrong, lost, faults, perSecond: (right * 1000) / tookMs, p50: at(0.5), p99: at(0.99) };
}

/** Connections are kept from one window to the next, by port. */
const kept = new Map<number, Connection[]>();

async function run(window: Window): Promise<Asked> {
  const connections = kept.get(window.port) ?? [];
  kept.set(window.port, connections);
  while (connections.length < window.connections) connections.push(await Connection.open(window.port));
  const used = connections.slice(0, window.connections);
  return window.perSecond === undefined ? closedLoop(window, used) : openLoop(window, used);
}

parentPort?.on('message', (message: Window | { readonly close: number }) => {
  if ('close' in message) {
    for (const connection of kept.get(message.close) ?? []) connection.close();
    kept.delete(message.close);
    return;
  }
  void run(message).then((asked) => parentPort?.postMessage(asked, []));
});
