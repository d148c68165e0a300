import { connectLattice } from '@kasmcloud/lattice';
import { startTracing, tracingSettings } from '@kasmcloud/observe';
import type { Provider, ProviderOptions } from './api.ts';
import { readHostData } from './host-data.ts';
import { RunningProvider } from './running-provider.ts';

/** How long host data, and the first connection, may take to come. */
const START_MS = 10_000;

/**
 * Makes this program a provider: reads what the host tells it, connects to the lattice, takes the links on, and serves.
 * Resolves when all of that is done; the provider then runs until its host stops it.
 *
 * @throws NotStartedByHostError, WireError, NotConnectedError; ConfigError for the OTEL_* variables
 */
export async function startProvider(options: ProviderOptions = {}): Promise<Provider> {
  const data = await readHostData(process.env, process.stdin, START_MS);
  const { lattice_rpc_user_jwt: jwt, lattice_rpc_user_seed: seed } = data;
  const connection = await connectLattice({
    servers: data.lattice_rpc_url,
    name: `provider ${data.lattice_rpc_prefix}/${data.provider_key}`,
    timeoutMs: START_MS,
    ...(jwt !== '' && { credentials: { kind: 'jwt', jwt, seed } }),
  });
  const tracing = await startTracing({
    settings: tracingSettings(process.env),
    service: data.provider_key,
    resource: { 'kasmcloud.lattice': data.lattice_rpc_prefix, 'kasmcloud.host': data.host_id },
    logger: { warn: (fields: unknown) => process.stderr.write(`traces could not be exported: ${textOf(fields)}\n`) },
  });
  const provider = new RunningProvider(data, connection, tracing, options);
  await provider.open();
  return provider;
}

const textOf = (fields: unknown): string =>
  typeof fields === 'object' && fields !== null && 'err' in fields && fields.err instanceof Error
    ? fields.err.message
    : String(fields);
