/** Where a link asks an HTTP server to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The address in a link's config cannot be used. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** What wasmCloud's http-server listens on when the link says nothing. */
const DEFAULT_PORT = 8000;

/**
 * `address` (`0.0.0.0:8080`, `[::]:8080`) or `port` of an http-server link's source config, as wasmCloud 1.x reads
 * them; keys in any case.
 *
 * @throws {AddressError}
 */
export function listenAddress(config: Readonly<Record<string, string>>): ListenAddress {
  const lower = Object.fromEntries(Object.entries(config).map(([key, value]) => [key.toLowerCase(), value.trim()]));
  const { address, port } = lower;
  if (address !== undefined) return parseAddress(address);
  return { host: '0.0.0.0', port: port === undefined ? DEFAULT_PORT : parsePort(port, port) };
}

function parseAddress(address: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d+)$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  if (match?.[3] === undefined || host === undefined) {
    throw new AddressError(`address: "${address}" is not host:port, for example 0.0.0.0:8080`);
  }
  return { host: host === '' ? '0.0.0.0' : host, port: parsePort(match[3], address) };
}

function parsePort(text: string, shown: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new AddressError(`address: the port in "${shown}" is not between 1 and 65535`);
  }
  return port;
}
