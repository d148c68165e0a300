import { keyOf } from '@kasmcloud/kube-api';
import { callSpan, invokeHttp, NoRespondersError, parties, type LatticeConnection } from '@kasmcloud/lattice';
import type { Tracer } from '@kasmcloud/observe';
import type { HttpRoute } from '@kasmcloud/wasm';
import { wrpcHeader, wrpcHttp } from '@kasmcloud/wire';
import { traceContextOf, traceHeaders, type HttpRequest, type HttpResponse } from '@kasmcloud/wrpc';
import type { ActorRegistry } from '../actors/registry.ts';
import { linkName } from '../links/route.ts';
import type { LinkRoute } from './routing.ts';

export interface HttpRouteParts {
  readonly registry: ActorRegistry;
  readonly connection: LatticeConnection;
  readonly tracer: Tracer;
  readonly callTimeoutMs: number;
}

/** How long a start goes on before its requests are offered to other hosts: one without a pull is mostly over by then. */
const SOON_MS = 50;

/** How long a request that nobody takes waits for an actor that is being started here. */
const START_MS = 1_000;

/**
 * Where requests of a link go: to the actor in this process if it runs here, over the lattice if not. Where nobody takes
 * them and the actor is just being started here, they wait for it.
 */
export function httpRoute(parts: HttpRouteParts, { link, match }: LinkRoute): HttpRoute {
  const { registry, connection, callTimeoutMs, tracer } = parts;
  const lattice = link.metadata.namespace ?? '';
  const { source, target } = link.spec;
  const headers = {
    [wrpcHeader.sourceId]: source,
    [wrpcHeader.targetId]: target,
    [wrpcHeader.linkName]: linkName(link),
  };
  const call = { lattice, source, target, linkName: linkName(link), ...wrpcHttp.incoming };
  const overLattice = (request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> =>
    tracer.run(callSpan('client', call, traceContextOf(request.headers)), (trace) => {
      const options = { timeoutMs: callTimeoutMs, signal, headers: { ...headers, ...traceHeaders(trace) } };
      return invokeHttp(connection, { lattice, target }, request, options);
    });
  return {
    key: `${keyOf(link)} ${target}`,
    match,
    deadlineMs: callTimeoutMs,
    attributes: parties(call),
    component: () => registry.get(lattice, target),
    handle: async (request, signal) => {
      const soon = await registry.soon(lattice, target, SOON_MS);
      if (soon !== undefined) return soon.handleHttp(request, { deadlineMs: callTimeoutMs, signal });
      try {
        return await overLattice(request, signal);
      } catch (error) {
        if (!(error instanceof NoRespondersError)) throw error;
        const component = await registry.awaited(lattice, target, START_MS);
        if (component === undefined) throw error;
        // Nobody took it, so nothing of its body has been read.
        return component.handleHttp(request, { deadlineMs: callTimeoutMs, signal });
      }
    },
  };
}
