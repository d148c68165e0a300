import { keyOf, type LinkObject } from '@kasmcloud/kube-api';

/** A WIT interface as links name it: the version plays no part (wasmCloud 1.x). */
export interface WitInterface {
  readonly namespace: string;
  readonly package: string;
  readonly interface: string;
}

/** Interfaces by which the host itself finds links. */
export const OUTGOING_HANDLER: WitInterface = { namespace: 'wasi', package: 'http', interface: 'outgoing-handler' };
export const INCOMING_HANDLER: WitInterface = { namespace: 'wasi', package: 'http', interface: 'incoming-handler' };
export const PREOPENS: WitInterface = { namespace: 'wasi', package: 'filesystem', interface: 'preopens' };
export const BLOBSTORE: WitInterface = { namespace: 'wasi', package: 'blobstore', interface: 'blobstore' };

export const DEFAULT_LINK_NAME = 'default';

/** `wasi:http/incoming-handler@0.2.2` → its parts, or undefined for a name without namespace, package and interface. */
export function parseInterface(name: string): WitInterface | undefined {
  const match = /^([a-z][a-z0-9-]*):([a-z][a-z0-9-]*)\/([a-z][a-z0-9-]*)(?:@.+)?$/.exec(name);
  const [, namespace, packageName, interfaceName] = match ?? [];
  if (namespace === undefined || packageName === undefined || interfaceName === undefined) return undefined;
  return { namespace, package: packageName, interface: interfaceName };
}

export const linkName = (link: LinkObject): string => link.spec.name ?? DEFAULT_LINK_NAME;

const covers = ({ spec }: LinkObject, wit: WitInterface): boolean =>
  spec.witNamespace === wit.namespace && spec.witPackage === wit.package && spec.interfaces.includes(wit.interface);

/**
 * The link by which `source` calls an interface under a link name. Of several, the first by name of object wins, on
 * every host the same; `undefined` means that the call has no right to go anywhere.
 */
export const findLink = (
  links: readonly LinkObject[],
  source: string,
  wit: WitInterface,
  name: string = DEFAULT_LINK_NAME,
): LinkObject | undefined =>
  links
    .filter((link) => link.spec.source === source && linkName(link) === name && covers(link, wit))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))[0];

/** Links by which a provider or actor calls others over one interface. */
export const linksFrom = (links: readonly LinkObject[], source: string, wit: WitInterface): LinkObject[] =>
  links
    .filter((link) => link.spec.source === source && covers(link, wit))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
