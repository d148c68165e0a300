/** Hosts of wasmCloud 1.x and the wRPC runtime of the same project, where the environment names them. */
import { fileURLToPath } from 'node:url';
import { connectLattice, openBucket, type LatticeConnection } from '@kasmcloud/lattice';
import { silentLogger } from '@kasmcloud/observe';
import { freePort, LaunchedProgram, type NatsServer } from '@kasmcloud/testing';
import { componentKey, configBucket, controlSubject, encodeJson, latticeBucket, type Link } from '@kasmcloud/wire';
import { LegacyHost } from '../../interop/legacy-host.ts';
import { peers } from '../../interop/peers.ts';

const LATTICE = 'rust';
const REQUEST_MS = 30_000;
const INSTANCES = 300;

const partsOf = (wit: string): Pick<Link, 'wit_namespace' | 'wit_package' | 'interfaces'> => {
  const [, namespace = '', name = '', iface = ''] = /^([^:]+):([^/]+)\/(.+)$/.exec(wit) ?? [];
  return { wit_namespace: namespace, wit_package: name, interfaces: [iface] };
};

/** wasmCloud hosts in a lattice of their own, with the HTTP server that is built into them. */
export class RustHosts implements AsyncDisposable {
  readonly #connection: LatticeConnection;
  readonly #hosts: readonly LegacyHost[];
  readonly #links = new Map<string, Link[]>();

  private constructor(connection: LatticeConnection, hosts: readonly LegacyHost[]) {
    this.#connection = connection;
    this.#hosts = hosts;
  }

  /** So many hosts; undefined when `WASMCLOUD_HOST` names no program. */
  static async start(nats: NatsServer, count: number): Promise<RustHosts | undefined> {
    const program = peers.host;
    if (program === undefined) {
      process.stderr.write('not compared with wasmCloud: WASMCLOUD_HOST names no host\n');
      return undefined;
    }
    const connection = await connectLattice({
      servers: nats.url,
      name: 'bench',
      timeoutMs: REQUEST_MS,
      logger: silentLogger,
    });
    const hosts: LegacyHost[] = [];
    for (let made = 0; made < count; made++) {
      hosts.push(await LegacyHost.start(connection, { program, natsPort: nats.port, lattice: LATTICE }));
    }
    return new RustHosts(connection, hosts);
  }

  /** Runs the component of a `file://` image on a host, by number. */
  async actor(id: string, host: number, image: string): Promise<void> {
    const hostId = this.#idOf(host);
    const body = {
      component_ref: `file://${fileURLToPath(image)}`,
      component_id: id,
      count: INSTANCES,
      host_id: hostId,
    };
    await this.#command(controlSubject.componentScale(LATTICE, hostId), body);
  }

  /** An HTTP server in front of an actor. Resolves with its port. */
  async http(target: string, host: number): Promise<number> {
    const port = await freePort();
    const id = `${target}-http`;
    await this.link(id, target, 'wasi:http/incoming-handler', { address: `127.0.0.1:${port}` });
    const body = { provider_ref: 'wasmcloud+builtin://http-server', provider_id: id, config: [], annotations: {} };
    await this.#command(controlSubject.providerStart(LATTICE, this.#idOf(host)), {
      ...body,
      host_id: this.#idOf(host),
    });
    return port;
  }

  /** Writes a link to the lattice's bucket, which is how these hosts learn of it. */
  async link(
    source: string,
    target: string,
    wit: string,
    sourceConfig?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const options = { timeoutMs: REQUEST_MS };
    const name = `${source}-${target}`;
    if (sourceConfig !== undefined) {
      await (await openBucket(this.#connection, configBucket(LATTICE), options)).put(name, encodeJson(sourceConfig));
    }
    const links = this.#links.get(source) ?? [];
    this.#links.set(source, links);
    links.push({
      source_id: source,
      target,
      name: 'default',
      ...partsOf(wit),
      source_config: sourceConfig === undefined ? [] : [name],
      target_config: [],
    });
    const bucket = await openBucket(this.#connection, latticeBucket(LATTICE), options);
    await bucket.put(componentKey(source), encodeJson({ url: '', links }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    await this.#connection.close();
  }

  #idOf(host: number): string {
    const found = this.#hosts[host];
    if (found === undefined) throw new TypeError(`there is no host ${host}`);
    return found.id;
  }

  async #command(subject: string, command: object): Promise<void> {
    const { data } = await this.#connection.request(subject, encodeJson(command), { timeoutMs: REQUEST_MS });
    const text = new TextDecoder().decode(data);
    if (!text.includes('"success":true')) throw new Error(`${subject}: ${text}`);
  }
}

/** Serves a component over wRPC in a lattice with the program of `WRPC_WASMTIME`; undefined when it names none. */
export async function serveWithWrpcWasmtime(
  natsUrl: string,
  lattice: string,
  id: string,
  image: string,
): Promise<LaunchedProgram | undefined> {
  if (peers.wrpc === undefined) {
    process.stderr.write('not compared with wrpc-wasmtime: WRPC_WASMTIME names no program\n');
    return undefined;
  }
  const prefix = `${lattice}.${id}`;
  return LaunchedProgram.start({
    program: peers.wrpc,
    args: ['nats', 'serve', '--nats', natsUrl, '--group', prefix, lattice, prefix, fileURLToPath(image)],
    ready: () => Promise.resolve(true),
  });
}
