/** Applications put and deployed over the wadm API: by a scheduler, and by wadm itself where `WADM` names its program. */
import { connectLattice } from '@kasmcloud/lattice';
import { LaunchedProgram, startNats, startRedis } from '@kasmcloud/testing';
import { wadmSubject } from '@kasmcloud/wire';
import { quantile, row, type Row } from '../supercluster/rows.ts';
import { until } from '../supercluster/world.ts';
import { told } from './progress.ts';
import { RepeaterWorld } from './world.ts';

const LATTICE = 'shop';
const APPLICATIONS = 1_000;
/** Clients that ask at once, each one thing at a time. */
const CLIENTS = 8;
const REQUEST_MS = 30_000;
/** No more applications are begun after it: a deployment costs wadm a read of each one before. */
const WITHIN_MS = 120_000;

/** What one server of the API did. */
interface Served {
  readonly perS: number;
  /** Milliseconds of each put with its deployment, in the order in which they ended. */
  readonly samples: readonly number[];
  /** Whether each of them was acknowledged. */
  readonly verified: boolean;
}

/**
 * What wadm does not take in time counts for it: its later ones are its slowest. Ours acknowledges what SQLite has synced to the disk, and once more what is in memory; wadm what JetStream has written to
 * its file, which the NATS server syncs every two minutes. All have NATS servers of the same program and settings.
 */
export async function wadm(): Promise<Row[]> {
  const ours = await scheduler({ durable: true });
  const inMemory = await scheduler({ durable: false });
  const theirs = process.env['WADM'] === undefined ? undefined : await realWadm(process.env['WADM']);
  const compared = (name: string, unit: string, of: (served: Served) => number): Row =>
    row(name, of(ours), unit, {
      baseline: theirs === undefined ? null : of(theirs),
      verified: isWhole(ours) && theirs?.verified !== false,
      runs: ours.samples.length,
      ...(theirs !== undefined && { note: `wadm took ${theirs.samples.length} of ${APPLICATIONS}` }),
    });
  return [
    compared('wadm-put-deploy-per-s', '/s', ({ perS }) => perS),
    compared('wadm-put-deploy-p50-ms', 'ms', ({ samples }) => quantile(samples, 0.5)),
    compared('wadm-put-deploy-p99-ms', 'ms', ({ samples }) => quantile(samples, 0.99)),
    // Of the first hundred and of the last: a deployment must not cost more the more there are.
    compared(
      'wadm-put-deploy-growth',
      '×',
      ({ samples }) => quantile(samples.slice(-100), 0.5) / quantile(samples.slice(0, 100), 0.5),
    ),
    row('wadm-put-deploy-memory-per-s', inMemory.perS, '/s', {
      verified: isWhole(inMemory),
      runs: inMemory.samples.length,
    }),
  ];
}

const isWhole = ({ verified, samples }: Served): boolean => verified && samples.length === APPLICATIONS;

async function scheduler({ durable }: { readonly durable: boolean }): Promise<Served> {
  await using world = await RepeaterWorld.start({ durable });
  await using redis = await disposable(startRedis());
  await world.addLattice(LATTICE, 'Workloads');
  await world.grantApplications(LATTICE);
  await world.startProgram('scheduler', {
    KASMCLOUD_REDIS_URL: redis.it.url,
    KASMCLOUD_CACHE_DIR: `${world.folder}/cache`,
    KASMCLOUD_WADM_CHECK: '1s',
  });
  // What is in use must not end before it.
  return await drive(`ours, ${durable ? 'on the disk' : 'in memory'}`, world.nats.url);
}

async function realWadm(program: string): Promise<Served> {
  await using nats = await disposable(startNats({ jetstream: true }));
  const started = LaunchedProgram.start({
    program,
    args: [],
    env: { WADM_NATS_SERVER: nats.it.url.replace('nats://', '') },
    ready: async () => Promise.resolve(true),
  });
  await using _running = await disposable(started.then((running) => ({ close: async () => running.stop() })));
  // What is in use must not end before it.
  return await drive('wadm', nats.it.url);
}

/** Puts and deploys every application once. */
async function drive(name: string, natsUrl: string): Promise<Served> {
  await using connection = await disposable(connectLattice({ servers: natsUrl, name: 'wash' }));
  const ask = async (operation: string, application?: string, body: object = {}): Promise<string> => {
    const payload = new TextEncoder().encode(JSON.stringify(body));
    const subject = wadmSubject.request(LATTICE, operation, application);
    const { data } = await connection.it.request(subject, payload, { timeoutMs: REQUEST_MS });
    return String(JSON.parse(new TextDecoder().decode(data)).result);
  };
  await until('the wadm API answers', async () => (await ask('get').catch(() => '')) === 'success', {
    withinMs: 300_000,
  });
  // No answer is a wrong answer, and ends nothing.
  const answered: typeof ask = async (...asked) => ask(...asked).catch(() => 'nothing');
  const startedAt = performance.now();
  const endsAt = startedAt + WITHIN_MS;
  const samples: number[] = [];
  let [next, good] = [0, 0];
  const work = async (): Promise<void> => {
    for (let index = next++; index < APPLICATIONS && performance.now() < endsAt; index = next++) {
      const application = `app-${index}`;
      const at = performance.now();
      const isPut = (await answered('put', undefined, manifest(application))) === 'created';
      const isDeployed = (await answered('deploy', application)) === 'acknowledged';
      samples.push(performance.now() - at);
      if (isPut && isDeployed) good++;
    }
  };
  using _progress = told(() => `${name}: ${samples.length} of ${APPLICATIONS} applications`);
  await Promise.all(Array.from({ length: CLIENTS }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perS: samples.length / seconds, samples, verified: good === samples.length };
}

const manifest = (name: string): object => ({
  apiVersion: 'core.oam.dev/v1beta1',
  kind: 'Application',
  metadata: { name, annotations: { description: 'benchmark', version: 'v0.1.0' } },
  spec: {
    components: [
      {
        name: 'hello',
        type: 'component',
        properties: { image: 'ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0' },
        traits: [{ type: 'spreadscaler', properties: { instances: 1 } }],
      },
    ],
  },
});

async function disposable<T extends { close(): Promise<void> }>(
  starting: Promise<T>,
): Promise<{ readonly it: T } & AsyncDisposable> {
  const it = await starting;
  return { it, [Symbol.asyncDispose]: async () => it.close() };
}
