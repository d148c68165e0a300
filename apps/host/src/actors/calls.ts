import { invoke, type LatticeConnection } from '@kasmcloud/lattice';
import { parseInterfaceName, type InvokeContext, type LoadedComponent } from '@kasmcloud/wasm';
import type { FuncType } from '@kasmcloud/wrpc';
import { wrpcHeader } from '@kasmcloud/wire';
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

/** Carries calls of actors to whatever their links name: in this process if it runs here, over the lattice if not. */
export class Caller {
  readonly #views: NamespaceViews;
  readonly #registry: ActorRegistry;
  readonly #connection: LatticeConnection;

  constructor(views: NamespaceViews, registry: ActorRegistry, connection: LatticeConnection) {
    this.#views = views;
    this.#registry = registry;
    this.#connection = connection;
  }

  /** @throws UnlinkedError, WitError for the error case of a result, and what the transport or the callee throws */
  async call(call: OutgoingCall, { deadlineMs, signal }: InvokeContext): Promise<unknown> {
    const { lattice, source, instance, func, type, args } = call;
    const wit = parseInterface(instance);
    const link = wit && findLink(this.#views.get(lattice)?.links ?? [], source, wit);
    if (wit === undefined || link === undefined) throw new UnlinkedError(source, wit ?? rootOf(instance));
    const { target } = link.spec;
    const here = this.#registry.get(lattice, target);
    const exported = here && exportedAs(here, instance);
    if (here !== undefined && exported !== undefined) return here.call(exported, func, args, { deadlineMs, signal });
    const headers = { [wrpcHeader.sourceId]: source, [wrpcHeader.linkName]: linkName(link) };
    const options = { timeoutMs: deadlineMs, signal, headers };
    return fromWire(type, await invoke(this.#connection, { lattice, target, instance, func }, type, args, options));
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
