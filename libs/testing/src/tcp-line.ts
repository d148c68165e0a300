import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay on loopback: the line between two programs that are both well. */
export interface TcpLine {
  readonly port: number;
  /** Ends every connection and refuses new ones, as a firewall that answers does. */
  cut(): void;
  /** Nothing goes through any more and nobody is told, as on a network that loses every packet. */
  stall(): void;
  /** What was stalled goes on; new connections are taken. */
  mend(): void;
  close(): Promise<void>;
}

type State = 'whole' | 'cut' | 'stalled';

/** Both ends of one connection. */
interface Relay {
  readonly near: Socket;
  far: Socket | undefined;
}

/** Lays a line to a port of 127.0.0.1 and listens on a free one. */
export async function layTcpLine(target: number): Promise<TcpLine> {
  let state: State = 'whole';
  const relays = new Set<Relay>();
  const server = createServer({ pauseOnConnect: true }, (near) => {
    const relay: Relay = { near, far: undefined };
    relays.add(relay);
    near.on('error', () => end(relay));
    near.once('close', () => end(relay));
    if (state === 'cut') end(relay);
    else if (state === 'whole') join(relay);
  });

  function join(relay: Relay): void {
    const { near } = relay;
    const far = connect(target, '127.0.0.1');
    relay.far = far;
    far.on('error', () => end(relay));
    far.once('close', () => end(relay));
    near.pipe(far);
    far.pipe(near);
  }

  function end(relay: Relay): void {
    relays.delete(relay);
    relay.near.destroy();
    relay.far?.destroy();
  }

  function hold({ near, far }: Relay): void {
    near.unpipe();
    far?.unpipe();
    near.pause();
    far?.pause();
  }

  function goOn(relay: Relay): void {
    const { near, far } = relay;
    if (far === undefined) return join(relay);
    near.pipe(far);
    far.pipe(near);
  }

  const endAll = (): void => {
    for (const relay of relays) end(relay);
  };
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a listening TCP server has no port');
  return {
    port: address.port,
    cut: () => {
      state = 'cut';
      endAll();
    },
    stall: () => {
      if (state === 'whole') for (const relay of relays) hold(relay);
      state = 'stalled';
    },
    mend: () => {
      if (state === 'stalled') for (const relay of relays) goOn(relay);
      state = 'whole';
    },
    close: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      endAll();
      await closed.promise;
    },
  };
}
