import {
  NoRespondersError,
  NotConnectedError,
  RequestTimeoutError,
  serve,
  serverSpan,
  type LatticeConnection,
  type LatticeMessage,
  type LatticeSubscription,
  type ServedFunction,
} from '@kasmcloud/lattice';
import { WitError } from '@kasmcloud/wasm';
import { traceContextIn, traceHeaders, type TraceContext } from '@kasmcloud/wrpc';
import { toWire } from '../../lattice/outcome.ts';
import { messageSpan } from '../../tracing/messages.ts';
import {
  ByLink,
  CapabilityConfigError,
  itemsOf,
  lowerCased,
  type CallContext,
  type Capability,
  type CapabilityLink,
  type CapabilityParts,
  type Origin,
} from '../capability.ts';
import { Connections } from '../connections.ts';
import { publishRefusal, subscribeRefusal } from './subjects.ts';
import { CONSUMER, consumerFunctions, type BrokerMessage } from './wire.ts';

/** Messages that wait for one subscription's actor; a slow actor loses those beyond, as NATS does for slow readers. */
const MAX_WAITING = 1_000;

/** Hands a message to the actor of a link. Rejects with what the actor, or the way to it, failed with. */
export type Deliver = (link: CapabilityLink, message: BrokerMessage, parent: TraceContext | undefined) => Promise<void>;

/** The built-in messaging provider: actors publish, ask and listen on subjects of NATS. */
export class MessagingCapability implements Capability {
  readonly #parts: CapabilityParts;
  readonly #deliver: Deliver;
  readonly #connections: Connections;
  readonly #links: ByLink<LatticeConnection>;
  readonly #served: readonly ServedFunction[];
  /** By link, subject, queue and server. */
  #subscriptions = new Map<string, LatticeSubscription>();

  constructor(parts: CapabilityParts, deliver: Deliver) {
    this.#parts = parts;
    this.#deliver = deliver;
    this.#connections = new Connections(parts);
    this.#links = new ByLink(parts.id);
    this.#served = this.#serve();
  }

  async update(incoming: readonly CapabilityLink[], outgoing: readonly CapabilityLink[]): Promise<void> {
    let refusal: unknown;
    const attempt = async (act: () => Promise<void>): Promise<void> => {
      try {
        await act();
      } catch (error) {
        refusal ??= error;
      }
    };
    const consumers: [CapabilityLink, LatticeConnection][] = [];
    for (const link of incoming) {
      await attempt(async () => void consumers.push([link, await this.#connectionOf(link)]));
    }
    this.#links.replace(consumers);
    const before = this.#subscriptions;
    const wanted = new Map<string, LatticeSubscription>();
    this.#subscriptions = wanted;
    for (const link of outgoing) await attempt(() => this.#subscribe(link, before, wanted));
    for (const [key, subscription] of before) if (!wanted.has(key)) subscription.close();
    if (refusal !== undefined) throw refusal;
  }

  async call(origin: Origin, func: string, args: readonly unknown[], context: CallContext): Promise<unknown> {
    const connection = await this.#links.find(origin, context.signal);
    const { lattice, id: target, tracer } = this.#parts;
    const parties = { lattice, ...origin, target };
    // Arguments come from the bindings or the decoder, which have built exactly what the type of the function says.
    if (func === 'publish') {
      const message = args[0] as BrokerMessage;
      return tracer.run(messageSpan('producer', message.subject, parties, context.trace), (trace) =>
        this.#publish(connection, message, trace),
      );
    }
    const [subject, body, timeoutMs] = args as [string, Uint8Array, number];
    return tracer.run(messageSpan('client', subject, parties, context.trace), (trace) =>
      this.#request(connection, subject, body, {
        ...context,
        deadlineMs: Math.min(timeoutMs, context.deadlineMs),
        trace,
      }),
    );
  }

  async close(): Promise<void> {
    for (const served of this.#served) served.close();
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
    this.#links.replace([]);
    await this.#connections.close();
  }

  async #publish(
    connection: LatticeConnection,
    { subject, body, replyTo }: BrokerMessage,
    trace: TraceContext | undefined,
  ): Promise<void> {
    this.#mayPublish(subject);
    try {
      connection.publish(subject, body, {
        ...(replyTo !== undefined && { reply: replyTo }),
        ...(trace !== undefined && { headers: traceHeaders(trace) }),
      });
    } catch (cause) {
      throw new WitError(messageOf(cause));
    }
  }

  async #request(
    connection: LatticeConnection,
    subject: string,
    body: Uint8Array,
    { deadlineMs, signal, trace }: CallContext,
  ): Promise<BrokerMessage> {
    this.#mayPublish(subject);
    try {
      const headers = trace === undefined ? {} : { headers: traceHeaders(trace) };
      return brokerMessage(await connection.request(subject, body, { timeoutMs: deadlineMs, signal, ...headers }));
    } catch (error) {
      const expected = [NoRespondersError, RequestTimeoutError, NotConnectedError].some(
        (kind) => error instanceof kind,
      );
      throw expected ? new WitError(messageOf(error)) : error;
    }
  }

  /** On other servers too: that they are others is only what the link's config says. */
  #mayPublish(subject: string): void {
    const refusal = publishRefusal(subject, this.#parts.lattice);
    if (refusal !== undefined) throw new WitError(refusal);
  }

  async #connectionOf({ config }: CapabilityLink): Promise<LatticeConnection> {
    return this.#connections.to(lowerCased(config)['cluster_uris']);
  }

  async #subscribe(
    link: CapabilityLink,
    before: ReadonlyMap<string, LatticeSubscription>,
    wanted: Map<string, LatticeSubscription>,
  ): Promise<void> {
    const { subscriptions = '', cluster_uris: uris } = lowerCased(link.config);
    const connection = await this.#connections.to(uris);
    const { lattice, id } = this.#parts;
    for (const item of itemsOf(subscriptions)) {
      const [subject = '', queue = ''] = item.split('|', 2);
      const refusal = subscribeRefusal(subject, lattice);
      if (refusal !== undefined) throw new CapabilityConfigError(`link ${link.key}: subscriptions: ${refusal}`);
      // Every host that runs this provider listens, and one of them is to hear each message.
      const group = queue === '' ? `${lattice}.${id}.${link.actor}.${link.name}` : queue;
      const key = JSON.stringify([link.actor, link.name, subject, group, uris]);
      wanted.set(key, before.get(key) ?? connection.subscribe(subject, this.#listener(link), { queue: group }));
    }
  }

  #listener(link: CapabilityLink): (message: LatticeMessage) => void {
    const { log, id } = this.#parts;
    let waiting = 0;
    return (message) => {
      if (waiting >= MAX_WAITING) {
        log.warn(
          { provider: id, actor: link.actor, subject: message.subject },
          'message dropped: the actor is too slow',
        );
        return;
      }
      waiting += 1;
      const parent = traceContextIn((name) => message.header(name));
      this.#deliver(link, brokerMessage(message), parent)
        .catch((error: unknown) =>
          log.warn({ err: error, provider: id, actor: link.actor, subject: message.subject }, 'message not handled'),
        )
        .finally(() => (waiting -= 1));
    };
  }

  /** Answers actors on other hosts. */
  #serve(): ServedFunction[] {
    const { connection, lattice, id: target, callTimeoutMs: timeoutMs, tracer, log } = this.#parts;
    return Object.entries(consumerFunctions).map(([func, type]) => {
      const address = { lattice, target, instance: CONSUMER, func };
      return serve(
        connection,
        address,
        type,
        (args, call) => {
          const { sourceId: source = '', linkName, signal } = call;
          const run = tracer.run(serverSpan(address, call), (trace) =>
            this.call({ source, linkName }, func, args, { deadlineMs: timeoutMs, signal, trace }),
          );
          return toWire(type, run);
        },
        { timeoutMs, onError: (error) => log.debug({ err: error, target, func }, 'call failed') },
      );
    });
  }
}

/** A copy: the client's bytes are a view of all that came with them. */
const brokerMessage = ({ subject, data, reply }: LatticeMessage): BrokerMessage => ({
  subject,
  body: data.slice(),
  replyTo: reply,
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
