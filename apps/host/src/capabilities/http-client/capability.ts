import { HttpCodeError, serveHttp, serverSpan, type ServedFunction } from '@kasmcloud/lattice';
import type { ClientTimeouts } from '@kasmcloud/wasm';
import { wrpcHttp } from '@kasmcloud/wire';
import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { inTrace } from '../../tracing/requests.ts';
import {
  ByLink,
  lowerCased,
  UnknownLinkError,
  type CallContext,
  type Capability,
  type CapabilityLink,
  type CapabilityParts,
  type Origin,
} from '../capability.ts';
import { AllowList } from './allow-list.ts';
import { HttpSender } from './send.ts';

const NO_TIMEOUTS: ClientTimeouts = { connect: undefined, firstByte: undefined, betweenBytes: undefined };

/** The built-in HTTP client: sends the requests of actors to the hosts that their links allow. */
export class HttpClientCapability implements Capability {
  readonly #parts: CapabilityParts;
  readonly #links: ByLink<AllowList>;
  readonly #sender = new HttpSender();
  readonly #served: ServedFunction;

  constructor(parts: CapabilityParts) {
    this.#parts = parts;
    this.#links = new ByLink(parts.id);
    this.#served = this.#serve();
  }

  async update(incoming: readonly CapabilityLink[]): Promise<void> {
    const allowed: [CapabilityLink, AllowList][] = [];
    let refusal: unknown;
    for (const link of incoming) {
      try {
        allowed.push([link, new AllowList(lowerCased(link.config)['allowed_hosts'], link.key)]);
      } catch (error) {
        refusal ??= error;
      }
    }
    this.#links.replace(allowed);
    if (refusal !== undefined) throw refusal;
  }

  async call(_: Origin, func: string): Promise<never> {
    throw new TypeError(`${this.#parts.id} is an HTTP client; it has no function ${func}`);
  }

  async sendHttp(
    origin: Origin,
    request: HttpRequest,
    timeouts: ClientTimeouts,
    { signal }: CallContext,
  ): Promise<HttpResponse> {
    return this.#sender.send(request, await this.#links.find(origin, signal), timeouts, signal);
  }

  async close(): Promise<void> {
    this.#served.close();
    this.#links.replace([]);
    this.#sender.close();
  }

  /** Answers actors on other hosts. */
  #serve(): ServedFunction {
    const { connection, lattice, id: target, callTimeoutMs: timeoutMs, tracer, log } = this.#parts;
    return serveHttp(
      connection,
      { lattice, target, direction: 'outgoing' },
      async (request, call) => {
        const { sourceId: source = '', linkName, signal } = call;
        const start = serverSpan({ lattice, target, ...wrpcHttp.outgoing }, call);
        try {
          return await tracer.run(start, (trace) => {
            const context = { deadlineMs: timeoutMs, signal, trace };
            return this.sendHttp({ source, linkName }, inTrace(request, start.parent, trace), NO_TIMEOUTS, context);
          });
        } catch (error) {
          if (error instanceof UnknownLinkError)
            throw new HttpCodeError({ tag: 'HTTP-request-denied' }, { cause: error });
          throw error;
        }
      },
      { timeoutMs, onError: (error) => log.debug({ err: error, target }, 'request failed') },
    );
  }
}
