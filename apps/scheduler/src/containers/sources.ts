import {
  builtin,
  labels,
  WasmCloudLink,
  type KubeObject,
  type LinkObject,
  type SecretReference,
} from '@kasmcloud/kube-api';
import { secretRefusal, type KubeClient } from '@kasmcloud/kube';
import type { WishSources } from '@kasmcloud/lattice';
import type { SecretValue } from '@kasmcloud/wire';
import { ContainerRefusedError } from './refusal.ts';

type Data = KubeObject & { readonly type?: string; readonly data?: Readonly<Record<string, string>> };

const PULL_SECRET = 'kubernetes.io/dockerconfigjson';
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Links, config and Secrets of a lattice in a member, read when they are asked for. */
export class MemberSources {
  /** Which Secrets were read, in which version; their content is nobody's to compare. */
  readonly versions = new Map<string, string>();
  readonly #client: KubeClient;
  readonly #lattice: string;
  readonly #signal: AbortSignal;

  constructor(client: KubeClient, lattice: string, signal: AbortSignal) {
    this.#client = client;
    this.#lattice = lattice;
    this.#signal = signal;
  }

  /** @throws what the API server answers; the sources throw ContainerRefusedError */
  async read(): Promise<WishSources> {
    const within = { namespace: this.#lattice, signal: this.#signal };
    const [links, configs] = await Promise.all([
      this.#client.list<LinkObject>(WasmCloudLink, within),
      this.#client.list<Data>(builtin.ConfigMap, { ...within, labelSelector: labels.config }),
    ]);
    const byName = new Map(configs.items.map(({ metadata, data = {} }) => [metadata.name, data]));
    return {
      links: links.items,
      config: (names) =>
        Object.assign({}, ...names.map((name) => this.#config(byName, name))) as Record<string, string>,
      secrets: async (named) => Object.fromEntries((await Promise.all(named.map((one) => this.#secret(one)))).flat()),
    };
  }

  #config(
    configs: ReadonlyMap<string, Readonly<Record<string, string>>>,
    name: string,
  ): Readonly<Record<string, string>> {
    const data = configs.get(name);
    if (data !== undefined) return data;
    const message = `ConfigMap ${this.#lattice}/${name} is named but not found, or lacks the label ${labels.config}`;
    throw new ContainerRefusedError('ConfigMissing', message);
  }

  /** Only what the account beside it may get, as for whatever else runs in the lattice; what was carried here was reviewed. */
  async #secret(reference: SecretReference): Promise<[string, SecretValue][]> {
    const { name } = reference;
    const key = `Secret ${this.#lattice}/${name}`;
    const signal = this.#signal;
    const secret = await this.#client.find<Data>(builtin.Secret, name, this.#lattice, { signal });
    if (secret?.metadata.labels?.[labels.carried] === undefined) {
      const why = await secretRefusal(this.#client, this.#lattice, reference, signal);
      if (why !== undefined) throw new ContainerRefusedError('SecretRefused', `${key} is not read: ${why}`);
    }
    if (secret === undefined) throw new ContainerRefusedError('SecretMissing', `${key} is not found`);
    this.versions.set(name, `${secret.metadata.uid}/${secret.metadata.resourceVersion}`);
    if (secret.type === PULL_SECRET) return [];
    return Object.entries(secret.data ?? {}).map(([field, value]) => [field, valueOf(Buffer.from(value, 'base64'))]);
  }
}

function valueOf(bytes: Uint8Array): SecretValue {
  try {
    return { kind: 'String', value: utf8.decode(bytes) };
  } catch {
    return { kind: 'Bytes', value: [...bytes] };
  }
}
