import { WitError } from '@kasmcloud/wasm';
import type { LinkObject } from '@kasmcloud/kube-api';
import { DEFAULT_LINK_NAME, findLink, type WitInterface } from './route.ts';

const keyOf = ({ namespace, package: pkg, interface: iface }: WitInterface): string => `${namespace}:${pkg}/${iface}`;

/**
 * Which link name each running call of one actor has chosen for which interface (wasmcloud:bus/lattice.set-link-name). A
 * choice ends with its call.
 */
export class LinkNames {
  readonly #chosen = new Map<number, Map<string, string>>();

  /** The link name by which a call goes over an interface. */
  of(call: number, wit: WitInterface): string {
    return this.#chosen.get(call)?.get(keyOf(wit)) ?? DEFAULT_LINK_NAME;
  }

  /** @throws WitError when the actor has no such link for one of the interfaces; then nothing is changed */
  choose(
    { call, signal }: { readonly call: number; readonly signal: AbortSignal },
    { links, source }: { readonly links: readonly LinkObject[]; readonly source: string },
    name: string,
    interfaces: readonly WitInterface[],
  ): void {
    const missing = interfaces.find((wit) => findLink(links, source, wit, name) === undefined);
    if (missing !== undefined) throw new WitError(`${source} has no link "${name}" for ${keyOf(missing)}`);
    const chosen = this.#chosen.get(call) ?? new Map<string, string>();
    if (!this.#chosen.has(call)) {
      this.#chosen.set(call, chosen);
      signal.addEventListener('abort', () => this.#chosen.delete(call), { once: true });
    }
    for (const wit of interfaces) chosen.set(keyOf(wit), name);
  }
}
