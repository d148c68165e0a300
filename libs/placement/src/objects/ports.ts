type Config = Readonly<Record<string, string>>;

/** A WasmCloudLink, as far as it may name a port. */
export interface ListeningLink {
  readonly namespace: string;
  /** Id of the provider at which it starts. */
  readonly source: string;
  /** Names of ConfigMaps in its namespace; a later one overrides an earlier one. */
  readonly sourceConfig: readonly string[];
}

/**
 * The ports of its host that a provider takes because its links say so: `address` (`0.0.0.0:8080`) or `port` in the source
 * config of the links that start at it, as wasmCloud's http-server reads them. What cannot be read takes none: the host
 * will say so.
 */
export function hostPorts(
  { id, namespace }: { readonly id: string; readonly namespace: string },
  links: readonly ListeningLink[],
  /** A ConfigMap's data, in the same namespace. */
  configOf: (name: string) => Config | undefined,
): string[] {
  const own = links.filter((link) => link.source === id && link.namespace === namespace);
  const ports = own.flatMap(({ sourceConfig }) => {
    const config = sourceConfig.map((name) => lowerKeys(configOf(name) ?? {}));
    return portOf(Object.assign({}, ...config)) ?? [];
  });
  return [...new Set(ports)];
}

const lowerKeys = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key.toLowerCase(), value.trim()]));

function portOf({ address, port }: Config & { address?: string; port?: string }): string | undefined {
  const digits = address === undefined ? port : /:(\d+)$/.exec(address)?.[1];
  const value = Number(digits);
  return Number.isInteger(value) && value >= 1 && value <= 65_535 ? String(value) : undefined;
}
