import type { LinkObject } from '@kasmcloud/kube-api';
import { callSpan, HttpCodeError, invoke, invokeHttp, type Headers, type LatticeConnection } from '@kasmcloud/lattice';
import type { Tracer } from '@kasmcloud/observe';
import {
  parseInterfaceName,
  WitError,
  type ClientTimeouts,
  type Far,
  type Folder,
  type InvokeContext,
  type LoadedComponent,
  type Near,
} from '@kasmcloud/wasm';
import {
  traceHeaders,
  withTraceContext,
  type FuncType,
  type HttpRequest,
  type HttpResponse,
  type TraceContext,
} from '@kasmcloud/wrpc';
import { wrpcHeader, wrpcHttp } from '@kasmcloud/wire';
import { LatticeBlobStore } from '../capabilities/blobstore/lattice-store.ts';
import { runBlobstore } from '../capabilities/blobstore/run.ts';
import { BlobError, type BlobStore } from '../capabilities/blobstore/store.ts';
import { BLOBSTORE as WIRE_BLOBSTORE, type PlainFunction } from '../capabilities/blobstore/wire.ts';
import type { CallContext } from '../capabilities/capability.ts';
import { keyvalueInterface, OPEN, wireFunction, wireInstance, wireType } from '../capabilities/keyvalue/wire.ts';
import type { CapabilityRegistry } from '../capabilities/registry.ts';
import type { NamespaceViews } from '../world/namespace-view.ts';
import {
  BLOBSTORE,
  DEFAULT_LINK_NAME,
  findLink,
  INCOMING_HANDLER,
  linkName,
  linksFrom,
  OUTGOING_HANDLER,
  parseInterface,
  PREOPENS,
  type WitInterface,
} from '../links/route.ts';
import { fromWire } from '../lattice/outcome.ts';
import { inTrace, requestSpan } from '../tracing/requests.ts';
import type { FarRoute } from './far-caller.ts';
import type { ActorRegistry } from './registry.ts';

/** An actor called over an interface for which it has no link: it has no right to. */
export class UnlinkedError extends Error {
  override readonly name = 'UnlinkedError';

  constructor(source: string, { namespace, package: pkg, interface: iface }: WitInterface, name?: string) {
    const named = name === undefined || name === DEFAULT_LINK_NAME ? '' : `, name ${name}`;
    super(
      `${source} has no link for ${namespace}:${pkg}/${iface}: a WasmCloudLink is missing with source ${source}${named}, ` +
        `witNamespace ${namespace}, witPackage ${pkg}, interfaces [${iface}]`,
    );
  }
}

/** Who calls. */
export interface From {
  readonly lattice: string;
  /** Id of the caller. */
  readonly source: string;
  /** Default when absent. */
  readonly linkName?: string;
}

export interface OutgoingCall extends From {
  /** Interface as the caller imports it, with its version. */
  readonly instance: string;
  readonly func: string;
  readonly type: FuncType;
  readonly args: readonly unknown[];
}

/** A call whose link was found. */
export interface LinkedCall extends OutgoingCall {
  readonly target: string;
  readonly linkName: string;
}

export interface CallerParts {
  readonly views: NamespaceViews;
  readonly registry: ActorRegistry;
  readonly capabilities: CapabilityRegistry;
  readonly connection: LatticeConnection;
  readonly tracer: Tracer;
}

/** Of how many callers the headers are remembered. */
const MOST_HEADERS = 10_000;

/** Carries calls of actors to whatever their links name: in this process if it is here, over the lattice if not. */
export class Caller {
  readonly #parts: CallerParts;
  /** By caller and name of the link. */
  readonly #headers = new Map<string, Headers>();

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /** @throws UnlinkedError, WitError for the error case of a result, and what the transport or the callee throws */
  async call(call: OutgoingCall, context: InvokeContext): Promise<unknown> {
    const { instance, func } = call;
    const linked = { ...call, ...this.#linkFor(call, parseInterface(instance) ?? rootOf(instance)) };
    const keyvalue = keyvalueInterface(instance);
    if (keyvalue === undefined) return this.callLinked(linked, context);
    // A bucket is its name: whether there is one shows when it is used.
    if (func === OPEN) return call.args[0];
    const name = wireFunction(func);
    const type = wireType(keyvalue, name);
    if (type === undefined) throw new TypeError(`${instance} has no function ${func}`);
    return this.callLinked({ ...linked, instance: wireInstance(keyvalue), func: name, type }, context);
  }

  /** The actor of this process that `call` would call, if it would. */
  near({ lattice, source }: From, instance: string, func: string): Near | undefined {
    const wit = parseInterface(instance);
    const link = wit && findLink(this.links(lattice), source, wit);
    if (link === undefined || keyvalueInterface(instance) !== undefined) return undefined;
    const component = this.#parts.registry.get(lattice, link.spec.target);
    const exported = component && exportedAs(component, instance);
    if (component === undefined || exported === undefined) return undefined;
    const call = { lattice, source, target: link.spec.target, linkName: linkName(link), instance, func };
    return { component, instance: exported, attributes: callSpan('internal', call, undefined).attributes() };
  }

  /** How a thread of this process can do over the lattice what `call` would, if it would. */
  far({ lattice, source }: From, instance: string, func: string, type: FuncType): Far | undefined {
    const wit = parseInterface(instance);
    const link = wit && findLink(this.links(lattice), source, wit);
    if (link === undefined) return undefined;
    const { target } = link.spec;
    const { registry, capabilities } = this.#parts;
    if (registry.get(lattice, target) !== undefined || capabilities.get(lattice, target) !== undefined)
      return undefined;
    const name = linkName(link);
    const span = callSpan('client', { lattice, source, target, linkName: name, instance, func }, undefined);
    const address = { lattice, target, instance, func };
    const route: FarRoute = { address, type, headers: this.#headersOf(source, name, undefined) };
    return { route, spanName: span.name, attributes: span.attributes() };
  }

  /** All links of a lattice. */
  links(lattice: string): readonly LinkObject[] {
    return this.#parts.views.get(lattice)?.links ?? [];
  }

  /** Calls a function of wrpc:blobstore without streams for an actor. @throws as `call` */
  async callBlobstore(from: From, func: string, args: readonly unknown[], context: InvokeContext): Promise<unknown> {
    try {
      return await this.withBlobs(from, func, context, (store) =>
        // The runtime's own wasi:blobstore asks for nothing else.
        runBlobstore(store, func as PlainFunction, args, context.signal),
      );
    } catch (error) {
      if (error instanceof BlobError) throw new WitError(error.message);
      throw error;
    }
  }

  /**
   * Gives the store behind an actor's wasi:blobstore, wherever it is, to `act`, for one call of a function.
   * @throws UnlinkedError, UnknownLinkError, and what `act` throws
   */
  async withBlobs<T>(
    from: From,
    func: string,
    { deadlineMs, signal, trace: parent }: InvokeContext,
    act: (store: BlobStore) => Promise<T>,
  ): Promise<T> {
    const { lattice, source } = from;
    const { target, linkName: name } = this.#linkFor(from, BLOBSTORE);
    const { connection, capabilities, tracer } = this.#parts;
    const here = capabilities.get(lattice, target);
    const call = { lattice, source, target, linkName: name, instance: WIRE_BLOBSTORE, func };
    return tracer.run(callSpan(here === undefined ? 'client' : 'internal', call, parent), async (trace) => {
      if (here?.blobs !== undefined) return act(await here.blobs({ source, linkName: name }, signal));
      const headers = this.#headersOf(source, name, trace);
      return act(new LatticeBlobStore({ connection, lattice, target, headers, timeoutMs: deadlineMs }));
    });
  }

  /** The folders that an actor's links give it, each link one: files are those of the actor's own host. */
  async folders({ lattice, source }: From, { signal }: InvokeContext): Promise<Folder[]> {
    const folders: Folder[] = [];
    for (const link of linksFrom(this.links(lattice), source, PREOPENS)) {
      const here = this.#parts.capabilities.get(lattice, link.spec.target);
      if (here?.folder === undefined) {
        throw new Error(
          `${source} has a link for files to ${link.spec.target}, which is no file provider of this host`,
        );
      }
      folders.push(await here.folder({ source, linkName: linkName(link) }, signal));
    }
    return folders;
  }

  /** Gives a request to the component that an actor's link names. @throws WitError of an error-code, and what the callee throws */
  async handleHttp(from: From, request: HttpRequest, context: InvokeContext): Promise<HttpResponse> {
    const { lattice, source } = from;
    const { target, linkName: name } = this.#linkFor(from, INCOMING_HANDLER);
    const { deadlineMs, signal, trace: parent } = context;
    const { registry, connection, tracer } = this.#parts;
    const here = registry.get(lattice, target);
    const call = { lattice, source, target, linkName: name, ...wrpcHttp.incoming };
    return tracer.run(callSpan(here === undefined ? 'client' : 'internal', call, parent), (trace) => {
      const headers = trace === undefined ? request.headers : withTraceContext(request.headers, trace);
      const traced = { ...request, headers };
      if (here !== undefined) return here.handleHttp(traced, { deadlineMs, signal });
      const options = { timeoutMs: deadlineMs, signal, headers: this.#headersOf(source, name, trace) };
      return withCodes(invokeHttp(connection, { lattice, target }, traced, options));
    });
  }

  /** Calls the target of a link. @throws as `call` */
  async callLinked(call: LinkedCall, { deadlineMs, signal, trace: parent }: CallContext): Promise<unknown> {
    const { lattice, source, target, instance, func, type, args } = call;
    const { registry, capabilities, connection, tracer } = this.#parts;
    const actor = registry.get(lattice, target);
    const exported = actor && exportedAs(actor, instance);
    if (actor !== undefined && exported !== undefined) {
      return tracer.run(callSpan('internal', call, parent), (trace) =>
        actor.call(exported, func, args, { deadlineMs, signal, trace }),
      );
    }
    const capability = capabilities.get(lattice, target);
    if (capability !== undefined) {
      return tracer.run(callSpan('internal', call, parent), (trace) =>
        capability.call(call, func, args, { deadlineMs, signal, trace }),
      );
    }
    return tracer.run(callSpan('client', call, parent), async (trace) => {
      const options = { timeoutMs: deadlineMs, signal, headers: this.#headersOf(source, call.linkName, trace) };
      const address = { lattice, target, instance, func };
      return fromWire(type, await invoke(connection, address, type, args, options));
    });
  }

  /** Sends a request for an actor. @throws WitError of an error-code, and what the transport throws */
  async sendHttp(
    { lattice, source, linkName: name }: From,
    request: HttpRequest,
    timeouts: ClientTimeouts,
    context: InvokeContext,
  ): Promise<HttpResponse> {
    const link = findLink(this.links(lattice), source, OUTGOING_HANDLER, name);
    if (link === undefined) throw new WitError({ tag: 'HTTP-request-denied' });
    const { target } = link.spec;
    const origin = { source, linkName: linkName(link) };
    const { capabilities, connection, tracer } = this.#parts;
    const here = capabilities.get(lattice, target);
    const start = requestSpan({ lattice, ...origin, target, ...wrpcHttp.outgoing }, request, context.trace);
    return tracer.run(start, async (trace, span) => {
      const traced = inTrace(request, context.trace, trace);
      const { deadlineMs: timeoutMs, signal } = context;
      const options = { timeoutMs, signal, headers: this.#headersOf(source, origin.linkName, trace) };
      const response = await withCodes(
        here?.sendHttp === undefined
          ? invokeHttp(connection, { lattice, target, direction: 'outgoing' }, traced, options)
          : here.sendHttp(origin, traced, timeouts, { ...context, trace }),
      );
      span.set({ 'http.response.status_code': response.status });
      if (response.status >= 400) span.fail({ type: String(response.status) });
      return response;
    });
  }

  /** Of calls in no trace they are the same object every time, which is encoded once. */
  #headersOf(source: string, name: string, trace: TraceContext | undefined): Headers {
    const key = `${source} ${name}`;
    let headers = this.#headers.get(key);
    if (headers === undefined) {
      headers = { [wrpcHeader.sourceId]: source, [wrpcHeader.linkName]: name };
      if (this.#headers.size >= MOST_HEADERS) this.#headers.clear();
      this.#headers.set(key, headers);
    }
    return trace === undefined ? headers : { ...headers, ...traceHeaders(trace) };
  }

  /** @throws UnlinkedError */
  #linkFor({ lattice, source, linkName: name }: From, wit: WitInterface): { target: string; linkName: string } {
    const link = findLink(this.links(lattice), source, wit, name);
    if (link === undefined) throw new UnlinkedError(source, wit, name);
    return { target: link.spec.target, linkName: linkName(link) };
  }
}

/** An error-code is what the guest sees. */
async function withCodes(answer: Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpCodeError) throw new WitError(error.code);
    throw error;
  }
}

const rootOf = (instance: string): WitInterface => ({ namespace: '', package: '', interface: instance });

/** The name under which a component exports an interface: the same version if it has it, else another one. */
function exportedAs(component: LoadedComponent, instance: string): string | undefined {
  const names = component.exports.map(({ name }) => name);
  if (names.includes(instance)) return instance;
  const wanted = parseInterfaceName(instance);
  return names.find((name) => {
    const parts = parseInterfaceName(name);
    return (
      parts !== undefined &&
      parts.namespace === wanted?.namespace &&
      parts.package === wanted.package &&
      parts.interface === wanted.interface
    );
  });
}
