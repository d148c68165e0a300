import { BlockList, isIP } from 'node:net';
import { CapabilityConfigError, itemsOf } from '../capability.ts';

interface Entry {
  /** A host name or address, `*.` and a domain, or `*`. */
  readonly host: string;
  readonly port: number | undefined;
}

export interface Permission {
  /** Whether the host was named in full, so that it may be in a private network. */
  readonly isNamed: boolean;
}

/** Which hosts the requests of one link may go to. */
export class AllowList {
  readonly #entries: readonly Entry[];

  /** `api.example.com, *.example.org, localhost:8080`; absent is `*`. @throws CapabilityConfigError naming the link */
  constructor(text: string | undefined, link: string) {
    this.#entries = itemsOf(text ?? '*').map((item) => {
      const [, host, port] =
        /^(\*|(?:\*\.)?[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/.exec(item.toLowerCase()) ?? [];
      if (host === undefined) {
        throw new CapabilityConfigError(
          `link ${link}: allowed_hosts: "${item}" is not host, host:port, *.domain or *, separated by commas`,
        );
      }
      return { host: bare(host), port: port === undefined ? undefined : Number(port) };
    });
  }

  /** Whether a request may go to a host; undefined when it may not. `host` as in a URL, in lower case. */
  permission(host: string, port: number): Permission | undefined {
    const name = bare(host);
    const fitting = this.#entries.filter((entry) => (entry.port ?? port) === port && matches(entry.host, name));
    if (fitting.length === 0) return undefined;
    return { isNamed: fitting.some((entry) => entry.host === name) };
  }
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, '');

const matches = (pattern: string, host: string): boolean => {
  if (pattern === '*') return true;
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
};

/** Networks that are not the public internet (IANA special-purpose address registries). */
const special = new BlockList();
const v4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4';
const v6 = '::/128 ::1/128 64:ff9b::/96 fc00::/7 fe80::/10 ff00::/8';
for (const [networks, family] of [
  [v4, 'ipv4'],
  [v6, 'ipv6'],
] as const) {
  for (const network of networks.split(' ')) {
    const [address = '', prefix] = network.split('/');
    special.addSubnet(address, Number(prefix), family);
  }
}

/** Whether an address is of a private, local or otherwise special network. An IPv4 address inside IPv6 counts as itself. */
export const isSpecialAddress = (address: string): boolean =>
  isIP(address) === 0 || special.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
