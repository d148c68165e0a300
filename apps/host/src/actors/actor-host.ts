import {
  ComponentError,
  parseInterfaceName,
  WitError,
  type ClientTimeouts,
  type Far,
  type Folder,
  type GuestLogEntry,
  type HostFunctions,
  type InvokeContext,
  type LoadedComponent,
  type Near,
  type StreamResult,
} from '@kasmcloud/wasm';
import type { Logger } from '@kasmcloud/observe';
import { traceIdOf, type FuncType, type HttpRequest, type HttpResponse } from '@kasmcloud/wrpc';
import { readStream } from '../capabilities/blobstore/guest-streams.ts';
import { BLOBSTORE as WIRE_BLOBSTORE } from '../capabilities/blobstore/wire.ts';
import { keyvalueInterface } from '../capabilities/keyvalue/wire.ts';
import { CONSUMER } from '../capabilities/messaging/wire.ts';
import { LinkNames } from '../links/link-names.ts';
import { BLOBSTORE, INCOMING_HANDLER, OUTGOING_HANDLER, parseInterface, type WitInterface } from '../links/route.ts';
import type { LogBuffer } from '../logs/log-buffer.ts';
import type { SecretValues } from '../secrets/secret-values.ts';
import type { Caller, From } from './calls.ts';

/** Namespaces of WIT packages that only this host itself could serve. */
const builtinNamespaces: ReadonlySet<string> = new Set(['wasi', 'wasmcloud']);

/** Namespaces of which this host knows interfaces. */
const knownNamespaces: ReadonlySet<string> = new Set([...builtinNamespaces, 'wrpc']);

/** Interfaces that this host serves an actor without any link, without their versions. */
const BUS = 'wasmcloud:bus/lattice';
const SECRET_STORE = 'wasmcloud:secrets/store';
const SECRET_REVEAL = 'wasmcloud:secrets/reveal';
const own: ReadonlySet<string> = new Set([BUS, SECRET_STORE, SECRET_REVEAL]);

const bare = (instance: string): string => {
  const parts = parseInterfaceName(instance);
  return parts === undefined ? instance : `${parts.namespace}:${parts.package}/${parts.interface}`;
};

export interface ActorHostParts {
  readonly lattice: string;
  /** Id of the actor. */
  readonly id: string;
  readonly caller: Caller;
  readonly log: Logger;
  /** Where its lines are kept for those who ask for them. */
  readonly lines: LogBuffer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What one actor is linked to: the host itself, and whatever its links lead to. */
export class ActorHost implements HostFunctions {
  readonly #parts: ActorHostParts;
  readonly #linkNames = new LinkNames();
  #component: LoadedComponent | undefined;
  #secrets: SecretValues | undefined;
  /** Made for its first line: to make it is a good part of a start. */
  #log: Logger | undefined;

  constructor(parts: ActorHostParts) {
    this.#parts = parts;
  }

  /** Whose imports these are, once it is loaded. */
  attach(component: LoadedComponent): void {
    this.#component = component;
  }

  /** What the actor's Secrets hold from now on. */
  giveSecrets(secrets: SecretValues): void {
    this.#secrets = secrets;
  }

  /** Whether there is a way to serve an import: the host, a capability, or a link to whoever exports it. */
  provides(instance: string): boolean {
    return (
      instance === CONSUMER ||
      keyvalueInterface(instance) !== undefined ||
      own.has(bare(instance)) ||
      !builtinNamespaces.has(parseInterface(instance)?.namespace ?? 'wasi')
    );
  }

  async invoke(instance: string, func: string, args: readonly unknown[], context: InvokeContext): Promise<unknown> {
    const { caller } = this.#parts;
    if (instance === WIRE_BLOBSTORE) return caller.callBlobstore(this.#from(context, BLOBSTORE), func, args, context);
    switch (bare(instance)) {
      case BUS:
        return this.#setLinkName(args, context);
      case SECRET_STORE:
        return this.#findSecret(args);
      case SECRET_REVEAL:
        return this.#reveal(args);
      default: {
        const type = this.#typeOf(instance, func);
        const wit = parseInterface(instance);
        return caller.call({ ...this.#from(context, wit), instance, func, type, args }, context);
      }
    }
  }

  async stream(
    _: string,
    func: string,
    args: readonly unknown[],
    body: AsyncIterable<Uint8Array>,
    context: InvokeContext,
  ): Promise<StreamResult> {
    return this.#parts.caller.withBlobs(this.#from(context, BLOBSTORE), func, context, (store) =>
      readStream(store, func, args, body, context.signal),
    );
  }

  folders(context: InvokeContext): Promise<Folder[]> {
    return this.#parts.caller.folders(this.#from(context, undefined), context);
  }

  /** One that chooses its links by name is not spoken for: the choice is made here. */
  near(instance: string, func: string): Near | undefined {
    const { lattice, id: source, caller } = this.#parts;
    return this.#choosesLinks() ? undefined : caller.near({ lattice, source }, instance, func);
  }

  /** Only interfaces of others: what this host knows itself it may serve in another way. */
  far(instance: string, func: string): Far | undefined {
    const { lattice, id: source, caller } = this.#parts;
    const isOwn = knownNamespaces.has(parseInterface(instance)?.namespace ?? 'wasi');
    if (isOwn || this.#choosesLinks()) return undefined;
    return caller.far({ lattice, source }, instance, func, this.#typeOf(instance, func));
  }

  sendHttp(request: HttpRequest, timeouts: ClientTimeouts, context: InvokeContext): Promise<HttpResponse> {
    return this.#parts.caller.sendHttp(this.#from(context, OUTGOING_HANDLER), request, timeouts, context);
  }

  handleHttp(request: HttpRequest, context: InvokeContext): Promise<HttpResponse> {
    return this.#parts.caller.handleHttp(this.#from(context, INCOMING_HANDLER), request, context);
  }

  log({ call, trace, level, context, message }: GuestLogEntry): void {
    const { lattice, id, lines, now } = this.#parts;
    const log = (this.#log ??= this.#parts.log.child({ lattice, actor: id }));
    const traceId = traceIdOf(trace);
    const origin = {
      ...(call !== undefined && { request: call }),
      ...(traceId !== undefined && { trace_id: traceId }),
    };
    lines.add({ at: now(), level, context, message, ...origin });
    const fields = { context, guest: message, ...origin, ...(level === 'critical' && { critical: true }) };
    if (level === 'critical' || level === 'error') log.error(fields, 'actor log');
    else if (level === 'warn') log.warn(fields, 'actor log');
    else if (level === 'info') log.info(fields, 'actor log');
    else if (level === 'debug') log.debug(fields, 'actor log');
    else log.trace(fields, 'actor log');
  }

  #choosesLinks(): boolean {
    return this.#component?.imports.some(({ name }) => bare(name) === BUS) === true;
  }

  #from({ call }: InvokeContext, wit: WitInterface | undefined): From {
    const { lattice, id: source } = this.#parts;
    return { lattice, source, ...(wit !== undefined && { linkName: this.#linkNames.of(call, wit) }) };
  }

  #typeOf(instance: string, func: string): FuncType {
    const { imports = [] } = this.#component ?? {};
    const found = imports.find(({ name }) => name === instance)?.functions.find(({ name }) => name === func);
    if (found === undefined) {
      throw new ComponentError(`${this.#parts.id} called ${instance}.${func}, which it does not import`);
    }
    return found.type;
  }

  /** A call-target-interface stands for what it was made from: namespace, package and interface. */
  #setLinkName(args: readonly unknown[], context: InvokeContext): undefined {
    const { lattice, id: source, caller } = this.#parts;
    const [name, targets] = args as [string, readonly (readonly [string, string, string])[]];
    const interfaces = targets.map(([namespace, pkg, iface]) => ({ namespace, package: pkg, interface: iface }));
    this.#linkNames.choose(context, { links: caller.links(lattice), source }, name, interfaces);
    return undefined;
  }

  /** A secret stands for its key: the value goes nowhere before it is revealed. */
  #findSecret([key]: readonly unknown[]): unknown {
    if (this.#secrets?.has(String(key)) !== true) throw new WitError({ tag: 'not-found' });
    return key;
  }

  #reveal([key]: readonly unknown[]): unknown {
    const value = this.#secrets?.get(String(key));
    if (value === undefined) throw new Error('the secret is not there any more');
    const text = Buffer.from(value).toString('utf8');
    return Buffer.from(text).equals(value)
      ? { tag: 'string', val: text }
      : { tag: 'bytes', val: Uint8Array.from(value) };
  }
}

/** Whether a component asks for secrets: others get none. */
export const wantsSecrets = ({ imports }: LoadedComponent): boolean =>
  imports.some(({ name }) => bare(name) === SECRET_STORE);
