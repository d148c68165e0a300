import { FakeClock, json, settle, startScriptedServer, type Answer, type ScriptedServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import { runLeaderElection, type Leadership, type LeaderElectionOptions } from './leader-election.ts';
import type { Lease, LeaseSpec } from './lease.ts';
import { renewLease } from './lease-renewer.ts';

const refused = (code: number, reason: string): Answer => json(code, { kind: 'Status', code, reason, message: reason });

/** An API server that knows one Lease, and refuses writes of another version, as the real one does. */
class OneLease {
  lease: Lease | undefined;
  #version = 0;

  readonly answer: Answer = (response, request) => this.#respond(request.method, request.body)(response, request);

  store(spec: LeaseSpec): Answer {
    this.lease = { metadata: { name: 'l', namespace: 'n', resourceVersion: String(++this.#version) }, spec };
    return json(200, this.lease);
  }

  #respond(method: string, body: unknown): Answer {
    const { metadata, spec = {} } = body === '' ? { metadata: undefined } : (body as Lease);
    if (method === 'POST') return this.lease === undefined ? this.store(spec) : refused(409, 'AlreadyExists');
    if (this.lease === undefined) return refused(404, 'NotFound');
    if (method === 'GET') return json(200, this.lease);
    if (method === 'PATCH') return this.store({ ...this.lease.spec, ...spec });
    const isCurrent = metadata?.resourceVersion === this.lease.metadata.resourceVersion;
    return isCurrent ? this.store(spec) : refused(409, 'Conflict');
  }
}

interface Candidate {
  readonly leaderships: Leadership[];
  readonly holders: (string | undefined)[];
  readonly errors: unknown[];
  stop(): Promise<void>;
}

let clock: FakeClock;
let cluster: OneLease;
let server: ScriptedServer;
let client: KubeClient;
let running: Candidate[];

beforeEach(async () => {
  clock = new FakeClock();
  cluster = new OneLease();
  server = await startScriptedServer(cluster.answer);
  client = new KubeClient({ server: server.url, credentials: {} });
  running = [];
});
afterEach(async () => {
  server.answer = cluster.answer;
  await Promise.all(running.map(async (candidate) => candidate.stop()));
  await client.close();
  await server.close();
});

const untilAborted = async (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });

const lead = async ({ signal }: Leadership): Promise<void> => untilAborted(signal);

function start(identity: string, options: Partial<LeaderElectionOptions> = {}): Candidate {
  const stopping = new AbortController();
  const candidate: Candidate = {
    leaderships: [],
    holders: [],
    errors: [],
    stop: async () => {
      stopping.abort();
      await finished;
    },
  };
  const election: LeaderElectionOptions = {
    client,
    clock,
    random: () => 0.5,
    namespace: 'n',
    name: 'l',
    identity,
    lead: async (leadership) => {
      candidate.leaderships.push(leadership);
      await untilAborted(leadership.signal);
    },
    onError: (error) => candidate.errors.push(error),
    onHolder: (holder) => candidate.holders.push(holder),
    ...options,
  };
  const finished = runLeaderElection(election, stopping.signal);
  running.push(candidate);
  return candidate;
}

/** Lets `ms` pass in steps, each with all the requests that it causes. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await clock.advance(500);
    // A request and its answer take some turns of the event loop; many turns without a new one mean that all is done.
    let seen = server.requests.length;
    for (let turns = 0; turns < 30; turns++) {
      await settle();
      if (server.requests.length === seen) continue;
      seen = server.requests.length;
      turns = 0;
    }
  }
}
const leads = async (candidate: Candidate, times = 1): Promise<void> =>
  expect.poll(() => candidate.leaderships.length).toBe(times);

describe('leader election', () => {
  test('the first becomes leader of term 1 and renews; the second waits, and knows who leads', async () => {
    const a = start('a');
    await leads(a);
    expect(a.leaderships[0]?.term).toBe(1);
    expect(cluster.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 1 });
    const b = start('b');
    await pass(40_000);
    expect(b.leaderships).toEqual([]);
    expect(b.holders).toEqual(['a']);
    expect(a.leaderships[0]?.signal.aborted).toBe(false);
    expect(cluster.lease?.spec?.acquireTime).not.toBe(cluster.lease?.spec?.renewTime);
  });

  test('a renewal is one request, and two more when somebody else wrote to the Lease', async () => {
    const a = start('a');
    await leads(a);
    const asked = (): string[] => server.requests.splice(0).map(({ method }) => method);
    asked();
    await pass(6_000);
    expect(asked()).toEqual(['PUT', 'PUT', 'PUT']);
    cluster.store({ ...cluster.lease?.spec });
    await pass(4_000);
    expect(asked()).toEqual(['PUT', 'GET', 'PUT', 'PUT']);
    expect(a.leaderships[0]?.signal.aborted).toBe(false);
    expect(a.errors).toEqual([]);
  });

  test('stopping gives the Lease back, and the next leader need not wait', async () => {
    const a = start('a');
    await leads(a);
    const b = start('b');
    await pass(1_000);
    await a.stop();
    expect(cluster.lease?.spec?.holderIdentity).toBeUndefined();
    await pass(3_000);
    await leads(b);
    expect(b.leaderships[0]?.term).toBe(2);
    expect(a.holders).toEqual(['a', undefined]);
    await b.stop();
    expect(clock.pending).toBe(0);
  });

  test('a dead leader is replaced after the duration since it was last seen to renew', async () => {
    cluster.store({
      holderIdentity: 'dead',
      leaseDurationSeconds: 15,
      renewTime: '1970-01-01T00:00:00.000000Z',
      leaseTransitions: 7,
    });
    const b = start('b');
    await pass(14_000);
    expect(b.leaderships).toEqual([]);
    await pass(4_000);
    await leads(b);
    expect(b.leaderships[0]?.term).toBe(8);
    expect(b.holders).toEqual(['dead', 'b']);
  });

  test('a step of the wall clock moves nobody', async () => {
    const a = start('a');
    await leads(a);
    const b = start('b');
    await pass(1_000);
    clock.step(3_600_000);
    await pass(10_000);
    expect(b.leaderships).toEqual([]);
    expect(a.leaderships[0]?.signal.aborted).toBe(false);
  });

  test('a leader that cannot renew stops before another can begin', async () => {
    const a = start('a');
    await leads(a);
    server.answer = refused(500, 'InternalError');
    await pass(9_000);
    expect(a.leaderships[0]?.signal.aborted).toBe(false);
    await pass(1_500);
    expect(a.leaderships[0]?.signal.aborted).toBe(true);
    expect(a.errors.length).toBeGreaterThan(2);
    server.answer = cluster.answer;
    await pass(3_000);
    await leads(a, 2);
    expect(a.leaderships[1]?.term).toBe(2);
  });

  test('a leader whose Lease another took, or somebody deleted, stops at its next renewal and gets a new term', async () => {
    const a = start('a');
    await leads(a);
    cluster.store({ holderIdentity: 'thief', leaseDurationSeconds: 15, leaseTransitions: 2 });
    await pass(2_500);
    expect(a.leaderships[0]?.signal.aborted).toBe(true);
    expect(cluster.lease?.spec?.holderIdentity).toBe('thief');
    await pass(20_000);
    await leads(a, 2);
    expect(a.leaderships[1]?.term).toBe(3);
    cluster.lease = undefined;
    await pass(5_000);
    await leads(a, 3);
    expect(a.leaderships[2]?.term).toBe(4);
  });

  test('a write by somebody else to the same Lease does not end a leadership', async () => {
    const a = start('a');
    await leads(a);
    for (let n = 0; n < 6; n++) {
      cluster.store({ ...cluster.lease?.spec });
      await pass(2_000);
    }
    expect(a.leaderships).toHaveLength(1);
    expect(a.leaderships[0]?.signal.aborted).toBe(false);
  });

  test('the term rises above one that was seen elsewhere', async () => {
    const a = start('a', { termFloor: () => 41 });
    await leads(a);
    expect(a.leaderships[0]?.term).toBe(42);
  });

  test('work that fails gives the Lease back and is told', async () => {
    const a = start('a', { lead: async () => Promise.reject(new Error('work')) });
    await expect.poll(() => a.errors.map(String)).toEqual(['Error: work']);
    await expect.poll(() => cluster.lease?.spec?.holderIdentity).toBeUndefined();
  });

  test('of two that come at once exactly one leads', async () => {
    const candidates = ['a', 'b', 'c'].map((identity) => start(identity));
    await pass(6_000);
    expect(candidates.flatMap((candidate) => candidate.leaderships)).toHaveLength(1);
  });

  test('a deadline past the duration is refused', async () => {
    const options = {
      client,
      clock,
      random: () => 0,
      namespace: 'n',
      name: 'l',
      identity: 'a',
      onError: () => undefined,
    };
    const election = runLeaderElection({ ...options, lead, renewDeadlineMs: 15_000 }, AbortSignal.abort());
    await expect(election).rejects.toThrow(RangeError);
  });
});

describe("renewing a Lease of one's own", () => {
  test('creates it, renews it with one request, and tells failures without stopping', async () => {
    const stopping = new AbortController();
    const failures: number[] = [];
    const finished = renewLease(
      {
        client,
        clock,
        namespace: 'n',
        name: 'l',
        holder: 'host-1',
        durationSeconds: 15,
        everyMs: 5_000,
        labels: { a: 'b' },
        onFailure: (_error, sinceMs) => failures.push(sinceMs),
      },
      stopping.signal,
    );
    await expect.poll(() => cluster.lease?.spec).toMatchObject({ holderIdentity: 'host-1', leaseDurationSeconds: 15 });
    expect(server.requests.at(-1)?.body).toMatchObject({ metadata: { labels: { a: 'b' } } });
    await pass(10_000);
    expect(server.requests.map(({ method }) => method)).toEqual(['PATCH', 'POST', 'PATCH', 'PATCH']);

    server.answer = refused(500, 'InternalError');
    await pass(10_000);
    expect(failures).toEqual([5_000, 10_000]);
    server.answer = cluster.answer;
    const before = cluster.lease?.spec?.renewTime;
    await pass(5_000);
    expect(cluster.lease?.spec?.renewTime).not.toBe(before);
    stopping.abort();
    await finished;
  });
});
