import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { eventually, Kasm, temporaryFolder, type State } from '../e2e/kasm.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { LegacyHost } from './legacy-host.ts';
import { Wash } from './wash.ts';

/** Lattices by who is in them: KasmCloud's hosts, wasmCloud's, one of each. */
export const lattices = { native: 'hello', legacy: 'legacy', mixed: 'mixed' } as const;
export type LatticeName = keyof typeof lattices;

const READY_MS = 240_000;
const HOSTS = { 'eu-1': 'eu-1-host-1', 'us-1': 'us-1-host-1' } as const;

export interface WorldOptions {
  readonly wash: string;
  /** Path of a wasmCloud host; without one there is none in any lattice. */
  readonly host: string | undefined;
}

/** A real supercluster as `kasm up` brings it up, with a lattice of each kind on its one NATS server. */
export class InteropWorld {
  readonly state: State;
  readonly connection: LatticeConnection;
  readonly legacyHosts: ReadonlyMap<LatticeName, LegacyHost>;
  readonly #wash: string;
  readonly #folder: string;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<InteropWorld, 'state' | 'connection' | 'legacyHosts'>,
    wash: string,
    folder: string,
    resources: AsyncDisposableStack,
  ) {
    this.state = parts.state;
    this.connection = parts.connection;
    this.legacyHosts = parts.legacyHosts;
    this.#wash = wash;
    this.#folder = folder;
    this.#resources = resources;
  }

  static async start({ wash, host }: WorldOptions): Promise<InteropWorld> {
    await using resources = new AsyncDisposableStack();
    const { path: folder } = resources.use(await temporaryFolder());
    const kasm = Kasm.up(folder, '--hosts-per-cluster', '1');
    resources.defer(async () => void (await kasm.stop()));
    await kasm.tells('2 hosts are ready', READY_MS);
    const state = await kasm.state();
    const manifests = [lattices.legacy, lattices.mixed].map(latticeManifest).concat(hostsManifest).join('---\n');
    for (const { kubeconfig } of state.clusters) await kubectl(kubeconfig, ['apply', '-f', '-'], manifests);
    await serve(state, 'eu-1', [lattices.native]);
    await serve(state, 'us-1', [lattices.mixed]);
    const connection = await connectLattice({ servers: state.natsUrl, name: 'interop' });
    resources.defer(async () => connection.close());
    const legacyHosts = new Map<LatticeName, LegacyHost>();
    if (host !== undefined) {
      for (const lattice of ['legacy', 'mixed'] as const) {
        const options = { program: host, natsPort: portOf(state), lattice: lattices[lattice], labels: { zone: 'old' } };
        const started = await LegacyHost.start(connection, options);
        resources.defer(async () => started.stop());
        legacyHosts.set(lattice, started);
      }
    }
    return new InteropWorld({ state, connection, legacyHosts }, wash, folder, resources.move());
  }

  washIn(lattice: LatticeName): Wash {
    return new Wash({
      program: this.#wash,
      home: this.#folder,
      natsPort: portOf(this.state),
      lattice: lattices[lattice],
    });
  }

  /** kubectl on the hub. */
  async hub(args: readonly string[], input?: string): Promise<string> {
    return kubectl(this.state.kubeconfig, args, input);
  }

  async close(): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

const portOf = ({ natsUrl }: State): number => Number(new URL(natsUrl).port);

/** The lattice, and what its tools may do in it. */
const latticeManifest = (name: string): string => `apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {kasmcloud.io/lattice: 'true'}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: kasmcloud-lattice, namespace: ${name}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: kasmcloud-lattice, namespace: ${name}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kasmcloud-lattice}
subjects: [{kind: ServiceAccount, name: kasmcloud-lattice, namespace: ${name}}]
`;

/** Hosts are no lattice's own: only here its tools may label them. */
const hostsManifest = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: kasmcloud-lattice-hosts}
rules: [{apiGroups: [kasmcloud.io], resources: [wasmcloudhosts], verbs: [get, patch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: kasmcloud-lattice-hosts}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kasmcloud-lattice-hosts}
subjects:
${[lattices.native, lattices.mixed].map((name) => `- {kind: ServiceAccount, name: kasmcloud-lattice, namespace: ${name}}`).join('\n')}
`;

/** Makes the host of a member serve these lattices only. */
async function serve({ clusters }: State, member: keyof typeof HOSTS, names: readonly string[]): Promise<void> {
  const kubeconfig = clusters.find(({ name }) => name === member)?.kubeconfig;
  if (kubeconfig === undefined) throw new TypeError(`state.json names no cluster ${member}`);
  const patch = JSON.stringify({ spec: { lattices: names } });
  await eventually(30_000, async () =>
    kubectl(kubeconfig, ['patch', 'wch', HOSTS[member], '--type=merge', '-p', patch]).then(() => true),
  );
}
