import { connectLattice, openBucket, type LatticeConnection } from '@kasmcloud/lattice';
import { silentLogger } from '@kasmcloud/observe';
import { freePort, type NatsServer } from '@kasmcloud/testing';
import { componentKey, configBucket, controlSubject, encodeJson, latticeBucket, type Link } from '@kasmcloud/wire';
import { eventually } from '../e2e/kasm.ts';
import { LegacyHost, type LegacyHostOptions } from './legacy-host.ts';

const REQUEST_MS = 30_000;
const READY_MS = 60_000;
/** Part of their hosts; serves components of its own host only. */
const HTTP_SERVER = 'wasmcloud+builtin://http-server';
/** One host of the queue group answers each question after links; so many right answers in a row, and all know of one. */
const ANSWERS_IN_A_ROW = 8;

/** A link as a test puts it: the interface is `wasi:http/incoming-handler`, config is told by its content. */
export interface TestLink {
  readonly source: string;
  readonly target: string;
  readonly wit: string;
  readonly sourceConfig?: Readonly<Record<string, string>>;
  readonly targetConfig?: Readonly<Record<string, string>>;
}

export interface ActorOptions {
  /** How many calls it may have under way. Default 10. */
  readonly instances?: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** The parts of `wasi:http/incoming-handler`, as links of wasmCloud name them. */
export const capabilityParts = (wit: string): Pick<Link, 'wit_namespace' | 'wit_package' | 'interfaces'> => {
  const [, namespace = '', name = '', iface = ''] = /^([^:]+):([^/]+)\/(.+)$/.exec(wit) ?? [];
  return { wit_namespace: namespace, wit_package: name, interfaces: [iface] };
};

/** A lattice as hosts of wasmCloud 1.x know it: what runs is commanded over NATS, links and config lie in its buckets. */
export class LegacyLattice implements AsyncDisposable {
  readonly #options: LegacyHostOptions;
  readonly #connection: LatticeConnection;
  readonly #hosts: LegacyHost[] = [];
  readonly #links = new Map<string, Link[]>();

  private constructor(options: LegacyHostOptions, connection: LatticeConnection) {
    this.#options = options;
    this.#connection = connection;
  }

  /** The lattice of that name; `program` is what its hosts are. */
  static async open(nats: NatsServer, lattice: string, program: string): Promise<LegacyLattice> {
    const options = { servers: nats.url, name: 'legacy-lattice', timeoutMs: REQUEST_MS, logger: silentLogger };
    return new LegacyLattice({ program, natsPort: nats.port, lattice }, await connectLattice(options));
  }

  get #name(): string {
    return this.#options.lattice;
  }

  /** Starts a host; it is stopped with the lattice. */
  async host(): Promise<LegacyHost> {
    const host = await LegacyHost.start(this.#connection, this.#options);
    this.#hosts.push(host);
    return host;
  }

  /** Has a host run a component. */
  async actor(host: LegacyHost, id: string, image: string, options: ActorOptions = {}): Promise<void> {
    const { instances = 10, config } = options;
    await this.#command(controlSubject.componentScale(this.#name, host.id), {
      component_ref: image,
      component_id: id,
      count: instances,
      host_id: host.id,
      config: await this.#config(id, config),
    });
  }

  /** Has a host run a provider, which learns of the links that were written before. */
  async provider(host: LegacyHost, id: string, reference: string): Promise<void> {
    const command = { provider_ref: reference, provider_id: id, host_id: host.id, config: [], annotations: {} };
    await this.#command(controlSubject.providerStart(this.#name, host.id), command);
  }

  /** An HTTP server in front of a component, the built-in one or another. Resolves with its address. */
  async http(host: LegacyHost, id: string, target: string, reference = HTTP_SERVER): Promise<string> {
    const address = `127.0.0.1:${await freePort()}`;
    await this.link({ source: id, target, wit: 'wasi:http/incoming-handler', sourceConfig: { address } });
    await this.provider(host, id, reference);
    return address;
  }

  /** Writes a link to the lattice's bucket, and waits until the hosts have read it. */
  async link({ source, target, wit, sourceConfig, targetConfig }: TestLink): Promise<void> {
    const name = `${source}-${target}`;
    const links = this.#links.get(source) ?? [];
    this.#links.set(source, links);
    links.push({
      source_id: source,
      target,
      name: 'default',
      ...capabilityParts(wit),
      source_config: await this.#config(`${name}-source`, sourceConfig),
      target_config: await this.#config(`${name}-target`, targetConfig),
    });
    await this.#put(latticeBucket(this.#name), componentKey(source), { url: '', links });
    await eventually(READY_MS, async () => this.#haveRead(source, target));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    await this.#connection.close();
  }

  /** Writes config. Resolves with how a link names it. */
  async #config(name: string, content: Readonly<Record<string, string>> | undefined): Promise<string[]> {
    if (content === undefined) return [];
    await this.#put(configBucket(this.#name), name, content);
    return [name];
  }

  async #put(bucket: string, key: string, value: object): Promise<void> {
    const opened = await openBucket(this.#connection, bucket, { timeoutMs: REQUEST_MS });
    await opened.put(key, encodeJson(value));
  }

  async #haveRead(source: string, target: string): Promise<boolean> {
    for (let answer = 0; answer < ANSWERS_IN_A_ROW; answer++) {
      const links = await this.#ask(controlSubject.linkGet(this.#name), new Uint8Array(0));
      if (!links.includes(`"${source}"`) || !links.includes(`"${target}"`)) return false;
    }
    return true;
  }

  async #command(subject: string, command: object): Promise<void> {
    const answer = await this.#ask(subject, encodeJson(command));
    if (!answer.includes('"success":true')) throw new Error(`${subject}: ${answer}`);
  }

  async #ask(subject: string, body: Uint8Array): Promise<string> {
    const { data } = await this.#connection.request(subject, body, { timeoutMs: REQUEST_MS });
    return new TextDecoder().decode(data);
  }
}
