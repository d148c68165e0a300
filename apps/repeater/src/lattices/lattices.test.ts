import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  labels,
  latticeNatsSecret,
  leases,
  SYSTEM_NAMESPACE,
  WasmCloudHost,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { connectLattice } from '@kasmcloud/lattice';
import { startNats, type NatsServer } from '@kasmcloud/testing';
import { controlSubject, decodePingReply } from '@kasmcloud/wire';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { LATTICE, nkey, RepeaterWorld, type Started } from '../world.fixture.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
const soon = { timeout: 60_000, interval: 50 };
const many = Array.from({ length: 11 }, (_, index) => `lattice-${index}`);

let world: RepeaterWorld;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-lattices-'));
  world = await RepeaterWorld.start();
  for (const name of many) await world.hub.namespace(name, { [labels.lattice]: '' });
}, 60_000);
afterEach(async () => world.clean());
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

/** Who holds each lattice, by the Leases on the hub. */
async function holders(): Promise<Record<string, string | undefined>> {
  const { items } = await world.hub.client.list<KubeObject<{ holderIdentity?: string }>>(builtin.Lease, {
    namespace: SYSTEM_NAMESPACE,
    labelSelector: `${labels.repeater}=lattice`,
  });
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.holderIdentity]));
}

const owned = (...all: Started[]): string[] => all.flatMap(({ repeater }) => repeater.ownedLattices);
const everyLattice = [LATTICE, ...many].toSorted();

test('several repeaters share the lattices; who goes leaves its own to the others, who comes gets a share', async () => {
  const [a, b, c] = [await world.startRepeater('a'), await world.startRepeater('b'), await world.startRepeater('c')];
  const shares = (...all: Started[]): boolean => all.every((one) => owned(one).length > 0);
  await expect.poll(() => owned(a, b, c).toSorted(), soon).toEqual(everyLattice);
  await expect.poll(() => shares(a, b, c), soon).toBe(true);
  const before = new Set(owned(a));

  await b.close();
  await expect.poll(() => owned(a, c).toSorted(), soon).toEqual(everyLattice);
  // Only what was left changed hands.
  expect([...before].filter((lattice) => !owned(a).includes(lattice))).toEqual([]);

  const d = await world.startRepeater('d');
  await expect.poll(() => shares(a, c, d), soon).toBe(true);
  await expect.poll(() => owned(a, c, d).toSorted(), soon).toEqual(everyLattice);
});

test('a repeater that is killed is followed by another', async () => {
  const kubeconfig = join(folder, 'hub');
  await writeFile(kubeconfig, world.hub.kubeconfig());
  const start = async (): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, 'repeater.program.fixture.ts'), [], {
      env: { ...process.env, KASMCLOUD_HUB_KUBECONFIG: kubeconfig, KASMCLOUD_NATS_URL: world.nats.url },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message', { signal: AbortSignal.timeout(60_000) });
    return child;
  };
  const [one, two] = [await start(), await start()];
  /** Once every lattice has a holder, how many there are. */
  const keepers = async (): Promise<(string | undefined)[] | undefined> => {
    // Those of the test before have names of one letter, and may still be giving back.
    const all = Object.values(await holders()).filter((holder = '') => holder.length > 1);
    return all.length === everyLattice.length ? [...new Set(all)] : undefined;
  };
  try {
    await expect.poll(keepers, soon).toHaveLength(2);
    const before = (await keepers()) ?? [];
    one.kill('SIGKILL');
    await expect.poll(keepers, soon).toHaveLength(1);
    expect(before).toEqual(expect.arrayContaining((await keepers()) ?? []));
  } finally {
    for (const child of [one, two]) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  }
});

test('a repeater whose own Lease is seen late keeps what nobody else has', async () => {
  const { repeater } = await world.startRepeater('solo');
  await expect.poll(() => repeater.ownedLattices.length, soon).toBe(everyLattice.length);
  const { client } = world.hub;
  type Owned = KubeObject<{ holderIdentity?: string; renewTime: string }>;
  const own = async (): Promise<Owned | undefined> => {
    const selector = { namespace: SYSTEM_NAMESPACE, labelSelector: `${labels.repeater}=replica` };
    const { items } = await client.list<Owned>(builtin.Lease, selector);
    return items.find(({ spec }) => spec.holderIdentity === 'solo');
  };
  const before = (await own())?.spec.renewTime;
  await expect.poll(async () => (await own())?.spec.renewTime, { ...soon, interval: 20 }).not.toBe(before);
  const renewed = await own();
  // Good for a moment only: until it is renewed again everybody takes it for stale, its holder too.
  const short = { spec: { leaseDurationSeconds: 1 } };
  await client.patch(builtin.Lease, renewed?.metadata.name ?? '', SYSTEM_NAMESPACE, short, { type: 'merge' });
  let fewest = everyLattice.length;
  for (const until = performance.now() + 5_000; performance.now() < until; await sleep(10))
    fewest = Math.min(fewest, repeater.ownedLattices.length);
  expect(fewest).toBe(everyLattice.length);
});

test('a repeater without NATS owns nothing, and owns again when it is back', async () => {
  const { repeater } = await world.startRepeater('solo');
  await expect.poll(() => repeater.ownedLattices.length, soon).toBe(everyLattice.length);
  await world.nats.stop('SIGKILL');
  await expect.poll(async () => Object.values(await holders()).filter(Boolean), soon).toEqual([]);
  expect(repeater.ownedLattices).toEqual([]);
  await world.nats.restart();
  await expect.poll(() => repeater.ownedLattices.length, soon).toBe(everyLattice.length);
});

test('a lattice with a Secret of its own is reached as that says, and otherwise once it says otherwise', async () => {
  const first = await startNats({ config: 'authorization { token: "s3cret" }' });
  const second = await startNats({ config: 'authorization { token: "other" }' });
  const hear = async (server: NatsServer, token: string): Promise<string[]> => {
    const connection = await connectLattice({
      servers: server.url,
      name: 'tool',
      credentials: { kind: 'token', token },
    });
    const answers = await connection.scatter(controlSubject.hostPing(LATTICE), new Uint8Array(0), { waitMs: 300 });
    await connection.close();
    return answers.map(({ data }) => decodePingReply(data).response?.id ?? '');
  };
  const secret = (server: NatsServer, token: string): object => ({
    metadata: { name: latticeNatsSecret(LATTICE), namespace: SYSTEM_NAMESPACE },
    data: {
      servers: Buffer.from(server.url).toString('base64'),
      token: Buffer.from(token).toString('base64'),
    },
  });
  const { client } = world.hub;
  const id = nkey('A');
  const host = await client.create(WasmCloudHost, { metadata: { name: 'hub-1' }, spec: { lattices: ['*'] } });
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Test',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  await client.patchStatus(WasmCloudHost, host, {
    hostId: id,
    runtime: 'kasmcloud',
    version: '0.1.0',
    conditions: [ready],
  });
  try {
    await client.create(builtin.Secret, { ...secret(first, 's3cret') } as Parameters<typeof client.create>[1]);
    await world.startRepeater('solo');
    await expect.poll(async () => hear(first, 's3cret'), soon).toEqual([id]);
    await client.patch(builtin.Secret, latticeNatsSecret(LATTICE), SYSTEM_NAMESPACE, secret(second, 'other'), {
      type: 'merge',
    });
    await expect.poll(async () => hear(second, 'other'), soon).toEqual([id]);
    expect(await hear(first, 's3cret')).toEqual([]);
    const { spec } = await client.get<KubeObject<{ holderIdentity: string }>>(
      builtin.Lease,
      leases.repeaterLattice(LATTICE),
      SYSTEM_NAMESPACE,
    );
    expect(spec.holderIdentity).toBe('solo');
  } finally {
    await client.delete(builtin.Secret, latticeNatsSecret(LATTICE), SYSTEM_NAMESPACE);
    await world.clean();
    await Promise.all([first.close(), second.close()]);
  }
});
