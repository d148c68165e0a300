import { setTimeout as sleep } from 'node:timers/promises';
import { connectLattice, NotConnectedError, type LatticeConnection } from '@kasmcloud/lattice';
import { decodeJson, encodeJson, logBatchSchema, logSubject, type LogQuery } from '@kasmcloud/wire';
import { UserError } from '../user-error.ts';
import { formatLine, merge, type HostLine } from './lines.ts';
import type { LogsOptions } from './options.ts';

const CONNECT_MS = 5_000;
/** Hosts that have something to say have begun within this; nobody knows how many there are. */
const ANSWER_MS = 1_000;
const FOLLOW_MS = 30_000;
const RENEW_MS = 10_000;

/** Prints what an actor logged on every host of its lattice, and goes on with `--follow`. @throws {UserError} */
export async function printLogs(
  natsUrl: string,
  options: LogsOptions,
  print: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const connection = await connect(natsUrl);
  try {
    await new Reading(connection, options, print).run(stop);
  } finally {
    await connection.close();
  }
}

async function connect(natsUrl: string): Promise<LatticeConnection> {
  try {
    return await connectLattice({ servers: natsUrl, name: 'kasm logs', timeoutMs: CONNECT_MS });
  } catch (error) {
    if (!(error instanceof NotConnectedError)) throw error;
    throw new UserError(`NATS at ${natsUrl} does not answer: name another with --nats-url`, { cause: error });
  }
}

class Reading {
  readonly #connection: LatticeConnection;
  readonly #options: LogsOptions;
  readonly #print: (line: string) => void;
  readonly #inbox: string;
  /** Lines that wait for those of other hosts; undefined once each is printed as it comes. */
  #gathered: HostLine[] | undefined = [];
  #hosts = 0;

  constructor(connection: LatticeConnection, options: LogsOptions, print: (line: string) => void) {
    this.#connection = connection;
    this.#inbox = connection.newInbox();
    this.#options = options;
    this.#print = print;
  }

  async run(stop: AbortSignal): Promise<void> {
    const { sinceMs, tail, follow, lattice, actor } = this.#options;
    const subscription = this.#connection.subscribe(this.#inbox, ({ data }) => this.#take(data));
    const query: LogQuery = {
      ...(sinceMs !== undefined && { since: Date.now() - sinceMs }),
      ...(tail !== undefined && { tail }),
      ...(follow && { followMs: FOLLOW_MS }),
    };
    this.#ask(query);
    await sleep(ANSWER_MS, undefined, { signal: stop }).catch(() => undefined);
    for (const line of merge(this.#gathered ?? [], tail)) this.#tell(line);
    this.#gathered = undefined;
    if (this.#hosts === 0 && !follow) {
      throw new UserError(`no host of lattice ${lattice} runs actor ${actor}: is --namespace its lattice?`);
    }
    if (follow) await this.#goOn(stop);
    subscription.close();
  }

  async #goOn(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await sleep(RENEW_MS, undefined, { signal: stop }).catch(() => undefined);
      if (!stop.aborted) this.#ask({ followMs: FOLLOW_MS, renew: true });
    }
  }

  /** Hosts that came since, and those that lost their connection meanwhile, begin to follow with the next question. */
  #ask(query: LogQuery): void {
    const { lattice, actor } = this.#options;
    if (!this.#connection.isConnected) return;
    this.#connection.publish(logSubject(lattice, actor), encodeJson(query), { reply: this.#inbox });
  }

  #take(data: Uint8Array): void {
    // NATS tells on the inbox itself that nobody listens.
    if (data.length === 0) return;
    const { host, cluster, lines } = decodeJson('log lines', logBatchSchema, data);
    if (this.#options.cluster !== undefined && cluster !== this.#options.cluster) return;
    this.#hosts++;
    for (const line of lines) {
      const told = { ...line, host, cluster };
      if (this.#gathered === undefined) this.#tell(told);
      else this.#gathered.push(told);
    }
  }

  #tell(line: HostLine): void {
    this.#print(formatLine(line, this.#options));
  }
}
