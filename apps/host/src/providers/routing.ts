import { keyOf, type LinkObject } from '@kasmcloud/kube-api';
import type { RouteMatch } from '@kasmcloud/wasm';
import { listenAddress, type ListenAddress } from './address.ts';

/** The config of a link or provider does not say where requests are to go. */
export class RoutingError extends Error {
  override readonly name = 'RoutingError';
}

type Config = Readonly<Record<string, string>>;

export interface LinkRoute {
  readonly link: LinkObject;
  readonly match: RouteMatch;
}

/** One address, and which of its requests go by which link. */
export interface Site {
  readonly address: ListenAddress;
  readonly routes: readonly LinkRoute[];
}

export interface Routing {
  readonly sites: readonly Site[];
  /** Links that cannot be served, with the error that says why. */
  readonly refused: readonly { readonly link: LinkObject; readonly error: unknown }[];
}

/**
 * Where an HTTP server listens and which requests go by which link, by `routing_mode` of its config as in wasmCloud 1.x:
 * `address`, each link has one of its own; `path` and `host`, links share `default_address` and differ by the path of the
 * request, or by the header that `header` names. Of links that want the same, the first has it.
 */
export function routingOf(own: Config, links: readonly LinkObject[], configOf: (link: LinkObject) => Config): Routing {
  const provider = lowerKeys(own);
  const sites = new Map<string, { address: ListenAddress; routes: LinkRoute[] }>();
  const refused: { link: LinkObject; error: unknown }[] = [];
  for (const link of links) {
    try {
      const { address, match } = place(provider, lowerKeys(configOf(link)));
      const key = `${address.host}:${address.port}`;
      const site = sites.get(key) ?? { address, routes: [] };
      const wanted = JSON.stringify(match);
      const first = site.routes.find((route) => JSON.stringify(route.match) === wanted);
      if (first !== undefined)
        throw new RoutingError(`${described(match, key)} is link ${keyOf(first.link)}'s already`);
      site.routes.push({ link, match });
      sites.set(key, site);
    } catch (error) {
      refused.push({ link, error });
    }
  }
  return { sites: [...sites.values()], refused };
}

/** @throws RoutingError, AddressError */
function place(provider: Config, link: Config): { address: ListenAddress; match: RouteMatch } {
  const mode = provider['routing_mode'] ?? 'address';
  if (mode === 'address') return { address: listenAddress(link), match: { kind: 'all' } };
  const address = sharedAddress(provider);
  if (mode === 'path') return { address, match: { kind: 'path', path: pathOf(link) } };
  if (mode === 'host') {
    const header = provider['header']?.toLowerCase() ?? 'host';
    return { address, match: { kind: 'header', header, value: needed(link, 'host') } };
  }
  throw new RoutingError(`routing_mode: "${mode}" is not address, path or host`);
}

function sharedAddress(provider: Config): ListenAddress {
  const address = provider['default_address'];
  return listenAddress(address === undefined ? {} : { address });
}

function pathOf(link: Config): string {
  const path = needed(link, 'path');
  if (!path.startsWith('/')) throw new RoutingError(`path: "${path}" does not begin with /`);
  return path;
}

function needed(link: Config, key: string): string {
  const value = link[key];
  if (value === undefined || value === '') throw new RoutingError(`${key}: the link's config must have one`);
  return value;
}

const described = (match: RouteMatch, address: string): string => {
  if (match.kind === 'path') return `path ${match.path}`;
  return match.kind === 'header' ? `${match.header} ${match.value}` : `address ${address}`;
};

const lowerKeys = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key.toLowerCase(), value.trim()]));
