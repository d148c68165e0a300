import type { LatticeConnection } from '@kasmcloud/lattice';
import {
  componentAuction,
  ctlOk,
  ctlRefused,
  decodeConfig,
  decodeJson,
  deleteLinkCommand,
  hostLabel,
  hostLabelIdentifier,
  isConfigName,
  link,
  providerAuction,
  scaleComponentCommand,
  startProviderCommand,
  stopHostCommand,
  stopProviderCommand,
  updateComponentCommand,
  type CtlResponse,
} from '@kasmcloud/wire';
import type { z } from 'zod';
import { toHost, toInventory, type SpokenHost } from '../speak/inventory.ts';
import { bids, type Wanted } from './auction.ts';
import { readClaims } from './claims.ts';
import type { Configs } from './configs.ts';
import { changeLabel, stopHost } from './host-changes.ts';
import type { Links } from './links.ts';
import { isSecretName } from './names.ts';
import { overJetStream, readOrRefuse, RefusedError } from './refused.ts';
import type { SecretReferences } from './secret-references.ts';
import type { CommandedHost, Workloads } from './workloads.ts';

export type Answer = CtlResponse<unknown>;

export interface RequestsOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  /** JetStream domain of the lattice's buckets. */
  readonly domain: string | undefined;
  readonly workloads: Workloads;
  readonly links: Links;
  readonly configs: Configs;
  readonly secretReferences: SecretReferences;
  /** What the lattice was told, by host id. */
  readonly spoken: () => ReadonlyMap<string, SpokenHost>;
  /** Where a spoken host is. */
  readonly find: (host: SpokenHost) => CommandedHost | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What comes after the lattice in a subject, and the payload. */
export interface ControlRequest {
  readonly path: readonly string[];
  readonly data: Uint8Array;
  readonly signal: AbortSignal;
}

/** What hosts answer to a subject that they do not know. */
const UNSUPPORTED = 'unsupported subject';

/** How hosts begin, by what is asked, when the name is none. What they say to `get` is not so. */
const BAD_NAME: ReadonlyMap<string, string> = new Map([
  ['get', ''],
  ['put', 'unable to store config data: '],
  ['del', 'Unable to delete config data: '],
]);

/** What the requests of the control interface come to. Where a host would be silent, there is no answer. */
export class Requests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Every living host answers. */
  ping(): Answer[] {
    const { lattice, now } = this.#options;
    return this.#living().map((host) => ctlOk(toHost(host, lattice, now())));
  }

  /** The bids of the hosts that would take it; a payload that is no auction gets one refusal, as a host would give it. */
  auction(kind: Wanted['kind'], data: Uint8Array): Answer[] {
    try {
      const { lot, wanted } = readLot(kind, data);
      const bidders = this.#living().filter((host) => bids(host, wanted));
      return bidders.map(({ id }) => ctlOk({ ...lot, host_id: id }));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      return this.#living().length === 0 ? [] : [ctlRefused(error.message)];
    }
  }

  /** A command to one host, or a question. Silent for a host that is. @throws RefusedError */
  async ofHost({ path, data, signal }: ControlRequest): Promise<Answer | undefined> {
    const [topic = '', verb = '', id = ''] = path;
    const spoken = this.#options.spoken().get(id);
    if (spoken?.alive !== true) return undefined;
    if (topic === 'host' && verb === 'get') return ctlOk(toInventory(spoken, this.#options.now()));
    const host = this.#options.find(spoken);
    if (host === undefined) return undefined;
    return this.#command(`${topic}.${verb}`, data, host, signal);
  }

  /** A request that any one host of the lattice may answer. @throws RefusedError */
  async ofLattice({ path, data, signal }: ControlRequest): Promise<Answer> {
    const { lattice, connection, domain, links } = this.#options;
    const [topic = '', verb = '', name = ''] = path;
    if (topic === 'config' && path.length === 3) return this.#config(verb, name, data, signal);
    switch (`${topic}.${verb}`) {
      case 'claims.get':
        return ctlOk(await overJetStream(readClaims(connection, lattice, { domain, signal })));
      case 'link.get':
        return ctlOk(await links.list(signal));
      case 'link.put':
        return links.put(read('wrpc link definition', link, data), signal);
      case 'link.del':
        return links.delete(read('wrpc link definition', deleteLinkCommand, data), signal);
      default:
        return ctlRefused(UNSUPPORTED);
    }
  }

  async #config(verb: string, name: string, data: Uint8Array, signal: AbortSignal): Promise<Answer> {
    const { configs, secretReferences } = this.#options;
    const badName = BAD_NAME.get(verb);
    if (badName === undefined) return ctlRefused(UNSUPPORTED);
    const change = verb === 'put' ? readConfig(data) : {};
    if (!isConfigName(name))
      throw new RefusedError(
        `${badName}${name.slice(0, 200)} is no name of config: letters, digits, -, _, / and =, at most 253`,
      );
    if (isSecretName(name)) return overJetStream(configRequest(secretReferences, verb, name, change, signal));
    return configRequest(configs, verb, name, change, signal);
  }

  async #command(verb: string, data: Uint8Array, host: CommandedHost, signal: AbortSignal): Promise<Answer> {
    const { lattice, workloads } = this.#options;
    const call = { lattice, host, signal };
    switch (verb) {
      case 'component.scale':
        return workloads.scale(read('component scale command', scaleComponentCommand, data), call);
      case 'component.update':
        return workloads.update(read('component update command', updateComponentCommand, data), call);
      case 'provider.start':
        return workloads.startProvider(read('provider start command', startProviderCommand, data), call);
      case 'provider.stop':
        return workloads.stopProvider(read('provider stop command', stopProviderCommand, data), call);
      case 'label.put': {
        const { key, value } = read('put label request', hostLabel, data);
        return changeLabel(call, key, value);
      }
      case 'label.del':
        return changeLabel(call, read('delete label request', hostLabelIdentifier, data).key, undefined);
      case 'host.stop':
        return this.#stop(data, host, signal);
      default:
        return ctlRefused(UNSUPPORTED);
    }
  }

  async #stop(data: Uint8Array, host: CommandedHost, signal: AbortSignal): Promise<Answer> {
    const { lattice, workloads } = this.#options;
    const named = data.length === 0 ? '' : read('stop command', stopHostCommand, data).host_id;
    if (named !== '' && named !== host.id)
      throw new RefusedError(`invalid host_id [${named.slice(0, 100)}]: the command came to ${host.id}`);
    const answer = await stopHost({ lattice, host, signal });
    await workloads.stopAll({ host, signal });
    return answer;
  }

  #living(): SpokenHost[] {
    return [...this.#options.spoken().values()].filter(({ alive }) => alive);
  }
}

async function configRequest(
  kept: Pick<Configs, 'get' | 'put' | 'delete'>,
  verb: string,
  name: string,
  data: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer> {
  switch (verb) {
    case 'get':
      return kept.get(name, signal);
    case 'put':
      return kept.put(name, data, signal);
    case 'del':
      return kept.delete(name, signal);
    default:
      return ctlRefused(UNSUPPORTED);
  }
}

const read = <T>(what: string, schema: z.ZodType<T>, data: Uint8Array): T =>
  readOrRefuse(what, () => decodeJson(what, schema, data));

const readConfig = (data: Uint8Array): Record<string, string> => {
  try {
    return decodeConfig(data);
  } catch (error) {
    throw new RefusedError('config data should be a map of string -> string', { cause: error });
  }
};

function readLot(kind: Wanted['kind'], data: Uint8Array): { readonly lot: object; readonly wanted: Wanted } {
  if (kind === 'component') {
    const lot = read('component auction command', componentAuction, data);
    return { lot, wanted: { kind, id: lot.component_id, constraints: lot.constraints } };
  }
  const lot = read('provider auction command', providerAuction, data);
  return { lot, wanted: { kind, id: lot.provider_id, constraints: lot.constraints } };
}
