import { rejects, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectLattice, invoke, openBucket, serve, type Bucket, type LatticeConnection } from '@kasmcloud/lattice';
import { freePort, layTcpLine, startNats, type NatsServer, type TcpLine } from '@kasmcloud/testing';
import { eventually } from '../supercluster.fixture.ts';

/** How long one answer may take on a machine that is busy. */
const PATIENCE = { timeoutMs: 10_000 };
const BETWEEN_CALLS_MS = 100;
const DOMAIN = 'hub';
const BUCKET = 'faults';
const TURN = 'turn';

const whoAreYou: Parameters<typeof invoke>[2] = { params: [], result: { kind: 'string' } };
const everywhere = { lattice: 'faults', target: 'echo', instance: 'test:echo/api', func: 'who' };

/** The talk of one member: its server, which is a leaf of the hub's, and what goes on there. */
interface Leaf {
  readonly server: NatsServer;
  readonly line: TcpLine;
  readonly connection: LatticeConnection;
  readonly bucket: Bucket;
  /** The last turn of the hub that was seen here. */
  seen: number;
  /** The last number that was written from here, and known to be. */
  written: number;
}

/**
 * The NATS servers of a supercluster: the hub's, and one per member, joined by a line that can be cut. In every member
 * somebody calls what runs in all of them, without end; numbers go from the hub to the members and back in a bucket.
 */
export class Leaves {
  readonly #hub: NatsServer;
  readonly #connection: LatticeConnection;
  readonly #bucket: Bucket;
  readonly #leaves = new Map<string, Leaf>();
  readonly #stop = new AbortController();
  readonly #work: Promise<void>[] = [];
  /** Calls that were not answered, or not in their own member. */
  readonly wrongCalls: string[] = [];
  #calls = 0;
  #turn = 0;

  private constructor(hub: NatsServer, connection: LatticeConnection, bucket: Bucket) {
    this.#hub = hub;
    this.#connection = connection;
    this.#bucket = bucket;
  }

  static async start(members: readonly string[]): Promise<Leaves> {
    const port = await freePort();
    // A leaf that learned where the hub really listens would go around its line: it is told a place where nobody is.
    const config = `leafnodes { listen: "127.0.0.1:${port}", advertise: "127.0.0.1:${await freePort()}" }`;
    const hub = await startNats({ domain: DOMAIN, config });
    const connection = await connectLattice({ servers: hub.url, name: 'hub' });
    const leaves = new Leaves(hub, connection, await openBucket(connection, BUCKET, PATIENCE));
    for (const member of members) await leaves.#join(member, port);
    leaves.#go(async () => leaves.#take(leaves.#bucket, TURN, (leaves.#turn += 1)));
    return leaves;
  }

  line(member: string): TcpLine {
    const leaf = this.#leaves.get(member);
    if (leaf === undefined) throw new RangeError(`no leaf ${member}`);
    return leaf.line;
  }

  /** Cuts the line of a member; resolves once nobody there answers the hub any more. */
  async cut(member: string): Promise<void> {
    this.line(member).cut();
    const isCut = async (): Promise<void> =>
      rejects(invoke(this.#connection, ofMember(member), whoAreYou, [], { timeoutMs: 500 }));
    await eventually(`${member} is cut off`, isCut, PATIENCE.timeoutMs);
  }

  get calls(): number {
    return this.#calls;
  }

  /** Throws unless every member has what the hub wrote, the hub what they did, and each can be called from there. */
  async check(): Promise<void> {
    for (const [member, leaf] of this.#leaves) {
      const [turn, written] = [this.#turn - 1, leaf.written];
      const isSeen = async (): Promise<void> =>
        strictEqual(leaf.seen >= turn, true, `${member} saw up to ${leaf.seen}`);
      await eventually(`${member} sees turn ${turn} of the hub`, isSeen, PATIENCE.timeoutMs);
      const there = numberOf((await this.#bucket.get(member))?.value);
      strictEqual(there >= written, true, `the hub has ${there} of ${member}, which wrote ${written}`);
      strictEqual(await invoke(this.#connection, ofMember(member), whoAreYou, [], PATIENCE), member);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work);
    const leaves = [...this.#leaves.values()];
    await Promise.all([this.#connection.close(), ...leaves.map(({ connection }) => connection.close())]);
    await Promise.all([this.#hub.close(), ...leaves.map(({ server }) => server.close())]);
    await Promise.all(leaves.map(({ line }) => line.close()));
  }

  async #join(member: string, hubPort: number): Promise<void> {
    const line = await layTcpLine(hubPort);
    const remote = `remotes: [{ url: "nats-leaf://127.0.0.1:${line.port}" }]`;
    const config = `default_js_domain { "$G": ${DOMAIN} }\nleafnodes { reconnect: 1, ${remote} }`;
    const server = await startNats({ config });
    const connection = await connectLattice({ servers: server.url, name: member });
    // Before the leaf is joined nobody there knows of JetStream.
    const bucket = await eventually(`the bucket in ${member}`, () => openBucket(connection, BUCKET, PATIENCE), 30_000);
    const leaf: Leaf = { server, line, connection, bucket, seen: 0, written: 0 };
    this.#leaves.set(member, leaf);
    for (const address of [everywhere, ofMember(member)]) serve(connection, address, whoAreYou, () => member);
    this.#go(async () => this.#call(member, leaf));
    this.#go(async () => {
      await this.#take(bucket, member, leaf.written + 1);
      leaf.written += 1;
    });
    this.#work.push(this.#watch(leaf));
  }

  async #call(member: string, { connection }: Leaf): Promise<void> {
    this.#calls += 1;
    try {
      const answer = await invoke(connection, everywhere, whoAreYou, [], PATIENCE);
      if (answer !== member) this.wrongCalls.push(`${member} was answered by ${String(answer)}`);
    } catch (error) {
      this.wrongCalls.push(`${member}: ${String(error)}`);
    }
  }

  /** Writes a number, however often it takes. */
  async #take(bucket: Bucket, key: string, value: number): Promise<void> {
    while (!this.#stop.signal.aborted)
      try {
        await bucket.put(key, new TextEncoder().encode(String(value)), this.#stop.signal);
        return;
      } catch {
        await sleep(BETWEEN_CALLS_MS);
      }
  }

  async #watch(leaf: Leaf): Promise<void> {
    for await (const { key, value } of leaf.bucket.watch(this.#stop.signal))
      if (key === TURN) leaf.seen = numberOf(value);
  }

  /** Again and again, until the end. */
  #go(work: () => Promise<void>): void {
    const loop = async (): Promise<void> => {
      for (; !this.#stop.signal.aborted; await sleep(BETWEEN_CALLS_MS)) await work();
    };
    this.#work.push(loop());
  }
}

const ofMember = (member: string): typeof everywhere => ({ ...everywhere, target: `echo-${member}` });

const numberOf = (bytes: Uint8Array | undefined): number =>
  bytes === undefined ? 0 : Number(new TextDecoder().decode(bytes));
