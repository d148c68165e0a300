/** The wadm API of a scheduler: applications put and deployed over NATS. */
import { connectLattice } from '@kasmcloud/lattice';
import { startRedis } from '@kasmcloud/testing';
import { wadmSubject } from '@kasmcloud/wire';
import { quantile, row, type Row } from '../supercluster/rows.ts';
import { until } from '../supercluster/world.ts';
import { RepeaterWorld } from './world.ts';

const LATTICE = 'shop';
const APPLICATIONS = 1_000;
/** Clients that ask at once, each one thing at a time. */
const CLIENTS = 8;
const REQUEST_MS = 10_000;

export async function wadm(): Promise<Row[]> {
  await using world = await RepeaterWorld.start();
  await using redis = await disposable(startRedis());
  await world.addLattice(LATTICE, 'Workloads');
  await world.grantApplications(LATTICE);
  await world.startProgram('scheduler', {
    KASMCLOUD_REDIS_URL: redis.it.url,
    KASMCLOUD_CACHE_DIR: `${world.folder}/cache`,
    KASMCLOUD_WADM_CHECK: '1s',
  });
  await using connection = await disposable(connectLattice({ servers: world.nats.url, name: 'wash' }));
  const ask = async (operation: string, name?: string, body: object = {}): Promise<string> => {
    const payload = new TextEncoder().encode(JSON.stringify(body));
    const subject = wadmSubject.request(LATTICE, operation, name);
    const { data } = await connection.it.request(subject, payload, { timeoutMs: REQUEST_MS });
    return String(JSON.parse(new TextDecoder().decode(data)).result);
  };
  await until('the wadm API answers', async () => (await ask('get').catch(() => '')) === 'success');
  const samples: number[] = [];
  let [next, good] = [0, 0];
  const work = async (): Promise<void> => {
    for (let index = next++; index < APPLICATIONS; index = next++) {
      const name = `app-${index}`;
      const at = performance.now();
      const isPut = (await ask('put', undefined, manifest(name))) === 'created';
      const isDeployed = (await ask('deploy', name)) === 'acknowledged';
      samples.push(performance.now() - at);
      if (isPut && isDeployed) good++;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  const verified = good === APPLICATIONS;
  return [
    row('wadm-put-deploy-per-s', APPLICATIONS / seconds, '/s', { verified, runs: APPLICATIONS }),
    row('wadm-put-deploy-p50-ms', quantile(samples, 0.5), 'ms', { verified, runs: samples.length }),
    row('wadm-put-deploy-p99-ms', quantile(samples, 0.99), 'ms', { verified, runs: samples.length }),
    // Of the first hundred and of the last: a deployment must not cost more the more there are.
    row('wadm-put-deploy-growth', quantile(samples.slice(-100), 0.5) / quantile(samples.slice(0, 100), 0.5), '×', {
      verified,
    }),
  ];
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
