import { connect, createServer, type Server, type Socket } from 'node:net';
import { close, portOf } from './ports.ts';

export interface Target {
  readonly address: string;
  readonly port: number;
}

const CONNECT_MS = 1_000;
const NOBODY = 'no host of this cluster serves HTTP\n';
const UNAVAILABLE = [
  'HTTP/1.1 503 Service Unavailable',
  'content-type: text/plain; charset=utf-8',
  `content-length: ${NOBODY.length}`,
  'connection: close',
  '',
  NOBODY,
].join('\r\n');

/**
 * One port of a cluster that leads to whatever of its hosts is up: each TCP connection goes to the next target in turn,
 * and to the one after it when a target does not take the connection. With none left it answers HTTP 503.
 */
export class FrontDoor {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #targets: readonly Target[] = [];
  #turn = 0;

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => void this.#admit(client));
  }

  static async open(port: number, host = '127.0.0.1'): Promise<FrontDoor> {
    const door = new FrontDoor();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    door.#server.once('error', reject);
    door.#server.listen(port, host, () => resolve());
    await promise;
    return door;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Replaces the targets; open connections stay as they are. */
  lead(targets: readonly Target[]): void {
    this.#targets = targets;
  }

  async close(): Promise<void> {
    const closed = close(this.#server);
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  async #admit(client: Socket): Promise<void> {
    this.#keep(client);
    const first = this.#turn++;
    const targets = this.#targets.map((_, index, all) => all[(first + index) % all.length]);
    for (const target of targets) {
      const upstream = target && (await dial(target));
      if (upstream === undefined) continue;
      this.#keep(upstream);
      client.pipe(upstream);
      upstream.pipe(client);
      client.once('close', () => upstream.destroy());
      upstream.once('close', () => client.destroy());
      return;
    }
    client.end(UNAVAILABLE);
    client.resume();
  }

  /** Without a listener an error of one connection would end the program; its `close` says all that counts. */
  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#open.delete(socket));
  }
}

async function dial({ address, port }: Target): Promise<Socket | undefined> {
  const socket = connect({ host: address, port, allowHalfOpen: true });
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const give = (): void => {
    socket.destroy();
    resolve(undefined);
  };
  const timer = setTimeout(give, CONNECT_MS);
  socket.once('connect', () => resolve(socket));
  socket.once('error', give);
  const connected = await promise;
  clearTimeout(timer);
  socket.off('error', give);
  return connected;
}
