import { HttpCodeError, invoke, invokeHttp, type LatticeConnection } from '@kasmcloud/lattice';
import {
  parseInterfaceName,
  WitError,
  type ClientTimeouts,
  type InvokeContext,
  type LoadedComponent,
} from '@kasmcloud/wasm';
import type { FuncType, HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { wrpcHeader } from '@kasmcloud/wire';
import type { CallContext } from '../capabilities/capability.ts';
import { keyvalueInterface, OPEN, wireFunction, wireInstance, wireType } from '../capabilities/keyvalue/wire.ts';
import type { CapabilityRegistry } from '../capabilities/registry.ts';
import type { NamespaceViews } from '../world/namespace-view.ts';
import { findLink, linkName, parseInterface, type WitInterface } from '../links/route.ts';
import { fromWire } from '../lattice/outcome.ts';
import type { ActorRegistry } from './registry.ts';

/** An actor called over an interface for which it has no link: it has no right to. */
export class UnlinkedError extends Error {
  override readonly name = 'UnlinkedError';

  constructor(source: string, { namespace, package: pkg, interface: iface }: WitInterface) {
    super(`${source} has no link for ${namespace}:${pkg}/${iface}: a WasmCloudLink with this source is missing`);
  }
}

export interface OutgoingCall {
  readonly lattice: string;
  /** Id of the caller. */
  readonly source: string;
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

const OUTGOING_HANDLER: WitInterface = { namespace: 'wasi', package: 'http', interface: 'outgoing-handler' };

export interface CallerParts {
  readonly views: NamespaceViews;
  readonly registry: ActorRegistry;
  readonly capabilities: CapabilityRegistry;
  readonly connection: LatticeConnection;
}

/** Carries calls of actors to whatever their links name: in this process if it is here, over the lattice if not. */
export class Caller {
  readonly #parts: CallerParts;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  /** @throws UnlinkedError, WitError for the error case of a result, and what the transport or the callee throws */
  async call(call: OutgoingCall, context: InvokeContext): Promise<unknown> {
    const { lattice, source, instance, func } = call;
    const wit = parseInterface(instance);
    const link = wit && findLink(this.#parts.views.get(lattice)?.links ?? [], source, wit);
    if (wit === undefined || link === undefined) throw new UnlinkedError(source, wit ?? rootOf(instance));
    const linked = { ...call, target: link.spec.target, linkName: linkName(link) };
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
  near(
    { lattice, source }: Pick<OutgoingCall, 'lattice' | 'source'>,
    instance: string,
  ): { component: LoadedComponent; instance: string } | undefined {
    const wit = parseInterface(instance);
    const link = wit && findLink(this.#parts.views.get(lattice)?.links ?? [], source, wit);
    if (link === undefined || keyvalueInterface(instance) !== undefined) return undefined;
    const component = this.#parts.registry.get(lattice, link.spec.target);
    const exported = component && exportedAs(component, instance);
    return component === undefined || exported === undefined ? undefined : { component, instance: exported };
  }

  /** Calls the target of a link. @throws as `call` */
  async callLinked(call: LinkedCall, { deadlineMs, signal }: CallContext): Promise<unknown> {
    const { lattice, source, target, instance, func, type, args } = call;
    const actor = this.#parts.registry.get(lattice, target);
    const exported = actor && exportedAs(actor, instance);
    if (actor !== undefined && exported !== undefined) return actor.call(exported, func, args, { deadlineMs, signal });
    const capability = this.#parts.capabilities.get(lattice, target);
    if (capability !== undefined) return capability.call(call, func, args, { deadlineMs, signal });
    const headers = { [wrpcHeader.sourceId]: source, [wrpcHeader.linkName]: call.linkName };
    const options = { timeoutMs: deadlineMs, signal, headers };
    const address = { lattice, target, instance, func };
    return fromWire(type, await invoke(this.#parts.connection, address, type, args, options));
  }

  /** Sends a request for an actor. @throws WitError of an error-code, and what the transport throws */
  async sendHttp(
    { lattice, source }: Pick<OutgoingCall, 'lattice' | 'source'>,
    request: HttpRequest,
    timeouts: ClientTimeouts,
    context: InvokeContext,
  ): Promise<HttpResponse> {
    const link = findLink(this.#parts.views.get(lattice)?.links ?? [], source, OUTGOING_HANDLER);
    if (link === undefined) throw new WitError({ tag: 'HTTP-request-denied' });
    const { target } = link.spec;
    const origin = { source, linkName: linkName(link) };
    const here = this.#parts.capabilities.get(lattice, target);
    try {
      if (here?.sendHttp !== undefined) return await here.sendHttp(origin, request, timeouts, context);
      const headers = { [wrpcHeader.sourceId]: source, [wrpcHeader.linkName]: origin.linkName };
      const options = { timeoutMs: context.deadlineMs, signal: context.signal, headers };
      return await invokeHttp(this.#parts.connection, { lattice, target, direction: 'outgoing' }, request, options);
    } catch (error) {
      if (error instanceof HttpCodeError) throw new WitError(error.code);
      throw error;
    }
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
