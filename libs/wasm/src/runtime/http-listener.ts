import { faultOf, type Fault, type SpanAttributes } from '@kasmcloud/observe';
import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { refusalFor, refusalHeaders, type Refusal } from '../http/refusal.ts';
import { findRoute, type RouteMatch } from '../http/route.ts';
import type { NumberedRoute } from './protocol.ts';
import type { LoadedComponent } from './types.ts';

/** Where requests of a listener go. */
export interface HttpRoute {
  /** Routes of the same key are one route, whose target may change. */
  readonly key: string;
  readonly match: RouteMatch;
  /** The longest that an answer may take, in milliseconds. */
  readonly deadlineMs: number;
  /** What spans of its requests say besides. */
  readonly attributes?: SpanAttributes;
  /** The component of this process that answers now, if one does. */
  component(): LoadedComponent | undefined;
  /** Answers where there is none. */
  handle(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

export interface HttpListenerOptions {
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
  /** What an error of a route is to the client. Asked for those that are not of a component. */
  readonly refuse?: (error: unknown) => Refusal | undefined;
  readonly onError: (error: unknown) => void;
}

/** An address on which the threads that listen accept requests. */
export interface HttpListener {
  readonly port: number;
  /** Requests that come from now on go by these, the first that matches. */
  route(routes: readonly HttpRoute[]): void;
  /** Accepts no more, and lets what is under way end for a second. */
  close(): Promise<void>;
}

interface Numbered extends NumberedRoute {
  readonly route: HttpRoute;
}

/** An answer, and why it is none of a component. */
export interface Answered extends HttpResponse {
  readonly fault?: Fault;
}

/** A request went through the main thread to a component of this process. */
export type Served = (route: NumberedRoute, of: HttpRoute, component: LoadedComponent, tookMs: number) => void;

/** The main thread's side of a listener: its routes, and the requests that threads pass on. */
export class ListenerRoutes {
  readonly number: number;
  readonly options: HttpListenerOptions;
  readonly #nextRoute: () => number;
  #routes: readonly Numbered[] = [];

  constructor(number: number, options: HttpListenerOptions, nextRoute: () => number) {
    this.number = number;
    this.options = options;
    this.#nextRoute = nextRoute;
  }

  /** For threads. */
  get table(): readonly NumberedRoute[] {
    return this.#routes.map(({ number, match, attributes }) => ({ number, match, attributes }));
  }

  set(routes: readonly HttpRoute[]): void {
    const before = new Map(this.#routes.map((one) => [one.route.key, one.number]));
    this.#routes = routes.map((route) => ({
      number: before.get(route.key) ?? this.#nextRoute(),
      match: route.match,
      attributes: route.attributes,
      route,
    }));
  }

  /** Answers a request that a thread passed on. Never rejects. */
  async answer(request: HttpRequest, signal: AbortSignal, served: Served): Promise<Answered> {
    try {
      const found = findRoute(this.#routes, request);
      if (found === undefined) return unserved();
      const { route } = found;
      const here = route.component();
      if (here === undefined) return await route.handle(request, signal);
      const startedAt = performance.now();
      const response = await here.handleHttp(request, { deadlineMs: route.deadlineMs, signal });
      served(found, route, here, performance.now() - startedAt);
      return { ...response, body: this.#watched(response.body) };
    } catch (error) {
      if (!signal.aborted) this.options.onError(error);
      return { ...refused(this.options.refuse?.(error) ?? refusalFor(error)), fault: faultOf(error) };
    }
  }

  /** Errors of a body come when the head has left: they are told, and break it off. */
  async *#watched(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      this.options.onError(error);
      throw error;
    }
  }
}

const refused = (refusal: Refusal): HttpResponse => ({
  status: refusal.status,
  headers: refusalHeaders(refusal),
  body: once(Buffer.from(`${refusal.text}\n`)),
});

/** The listener, or its route, went while the request was on its way here. */
export const unserved = (): Answered => refused({ status: 503, text: 'nobody answers for this address now' });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
