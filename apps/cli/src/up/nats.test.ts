import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLattice, NoRespondersError, openBucket, type LatticeConnection } from '@kasmcloud/lattice';
import { freePort, layTcpLine, type TcpLine } from '@kasmcloud/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Supervisor } from '../supervisor/supervisor.ts';
import { natsServers, natsUrlIn, writeNatsConfigs, type NatsPlan } from './nats.ts';

const PATIENCE = 20_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

describe('a NATS server for each member', () => {
  let folder: string;
  let plan: NatsPlan;
  let supervisor: Supervisor;
  /** Between the leaves and the hub. */
  let line: TcpLine;
  const open: LatticeConnection[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kasm-nats-'));
    const port = await freePort();
    const inward = await freePort();
    line = await layTcpLine(inward);
    const ports = new Map([
      ['eu-1', await freePort()],
      ['us-1', await freePort()],
    ]);
    plan = { folder, port, leaves: { port: line.port, ports } };
    await writeNatsConfigs(plan);
    const hub = join(folder, 'nats.conf');
    // A leaf that learned where the hub really listens would go around the line.
    const listen = (text: string): string =>
      text.replace(`:${line.port}"`, `:${inward}", advertise: "127.0.0.1:${line.port}"`);
    await writeFile(hub, listen(await readFile(hub, 'utf8')));
    supervisor = new Supervisor(folder, () => undefined);
    await supervisor.start(natsServers(plan), AbortSignal.timeout(PATIENCE));
  }, 2 * PATIENCE);

  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()));
    await supervisor.stop();
    await line.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function connected(cluster?: string): Promise<LatticeConnection> {
    const connection = await connectLattice({ servers: natsUrlIn(plan, cluster), name: cluster ?? 'hub' });
    open.push(connection);
    return connection;
  }

  /** Answers a subject with the cluster's name, in a queue group as hosts do. */
  async function answering(cluster: string, subject: string): Promise<LatticeConnection> {
    const connection = await connected(cluster);
    const answer = ({ reply = '' }: { reply: string | undefined }): void => connection.publish(reply, bytes(cluster));
    connection.subscribe(subject, answer, { queue: 'hosts' });
    return connection;
  }

  const ask = async (from: LatticeConnection, subject: string): Promise<string> =>
    text((await from.request(subject, new Uint8Array(), { timeoutMs: 1_000 })).data);

  const eventually = (from: LatticeConnection, subject: string, answer: string): Promise<void> =>
    expect.poll(() => ask(from, subject).catch(String), { timeout: PATIENCE }).toBe(answer);

  test('calls stay in a member where they can, and leave it where they must', async () => {
    const eu = await answering('eu-1', 'both');
    const us = await answering('us-1', 'both');
    await answering('us-1', 'only-us');
    await eventually(eu, 'only-us', 'us-1');
    for (const [from, name] of [
      [eu, 'eu-1'],
      [us, 'us-1'],
    ] as const) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(from, 'both')));
      expect(new Set(answers)).toEqual(new Set([name]));
    }
  });

  test('a bucket of the hub is one for all', async () => {
    const deadline = { timeoutMs: 5_000, signal: AbortSignal.timeout(PATIENCE) };
    const inHub = await openBucket(await connected(), 'LATTICEDATA', deadline);
    const eu = await connected('eu-1');
    // Before the leaf is joined nobody there knows of JetStream.
    const inLeaf = await vi.waitFor(() => openBucket(eu, 'LATTICEDATA', deadline), { timeout: PATIENCE });
    await inLeaf.put('a', bytes('from eu-1'));
    expect(text((await inHub.get('a'))?.value)).toBe('from eu-1');
  });

  test('a cut line: calls inside go on, calls across are refused at once, and go on when it is whole', async () => {
    const eu = await answering('eu-1', 'both');
    await answering('us-1', 'only-us');
    await eventually(eu, 'only-us', 'us-1');
    line.cut();
    await expect
      .poll(() => ask(eu, 'only-us').catch((error: unknown) => error), { timeout: PATIENCE })
      .toBeInstanceOf(NoRespondersError);
    expect(await ask(eu, 'both')).toBe('eu-1');
    line.mend();
    await eventually(eu, 'only-us', 'us-1');
  });
});

test("without leaves there is one server, and it is everybody's", () => {
  const plan = { folder: '/nats', port: 4222 };
  expect(natsServers(plan).map(({ name }) => name)).toEqual(['nats']);
  expect([natsUrlIn(plan), natsUrlIn(plan, 'eu-1')]).toEqual(['nats://127.0.0.1:4222', 'nats://127.0.0.1:4222']);
});
