import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiWorld, LATTICE } from './api.fixture.ts';
import { eventually } from './supercluster.fixture.ts';

let world: ApiWorld;
let client: LatticeConnection;
beforeAll(async () => {
  world = await ApiWorld.start();
  client = await connectLattice({ servers: world.nats.url, name: 'fuzz' });
  await eventually('the wadm API answers', async () => void (await request('wadm.api.shop.model.list', '')));
}, 60_000);
afterAll(async () => {
  await client.close();
  await world.close();
});

async function request(subject: string, body: string | Uint8Array): Promise<unknown> {
  const data = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const answer = await client.request(subject, data, { timeoutMs: 10_000 });
  return JSON.parse(new TextDecoder().decode(answer.data));
}

const valid = {
  apiVersion: 'core.oam.dev/v1beta1',
  kind: 'Application',
  metadata: { name: 'fuzz', annotations: { version: 'v1' }, labels: { a: 'b' } },
  spec: {
    components: [
      {
        name: 'web',
        type: 'component',
        properties: { image: 'file:///a.wasm', config: [{ name: 'c', properties: { k: 'v' } }] },
        traits: [
          {
            type: 'spreadscaler',
            properties: { instances: 1, spread: [{ name: 's', requirements: { z: 'a' }, weight: 1 }] },
          },
          { type: 'link', properties: { target: 'web', namespace: 'wasi', package: 'http', interfaces: ['handler'] } },
        ],
      },
    ],
    policies: [{ name: 'p', type: 'policy.secret.wasmcloud.dev/v1alpha1', properties: { backend: 'b' } }],
  },
};

/** Every path of a value. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? replaced(item, rest, by) : item));
  const entries = Object.entries(value ?? {});
  return Object.fromEntries(entries.map(([name, inner]) => [name, name === key ? replaced(inner, rest, by) : inner]));
}

/** A good manifest with one field turned into anything. */
const mutant = fc
  .tuple(fc.constantFrom(...pathsOf(valid)), fc.jsonValue({ maxDepth: 2 }))
  .map(([path, by]) => JSON.stringify(replaced(valid, path, by)));
const anything = fc.oneof(fc.string(), fc.json(), fc.uint8Array({ maxLength: 64 }), mutant);

const isRefusal = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'statusCode' in body && 'message' in body && 'details' in body;

test('whatever body REST gets, the answer is a refusal or a success, never a fault', async () => {
  const path = `/api/v1/namespaces/${LATTICE}/applications/fuzz`;
  const routes = [
    { method: 'PUT', path: `${path}?deploy=false` },
    { method: 'PUT', path },
    { method: 'POST', path: `${path}/deploy` },
    { method: 'POST', path: `/api/v1/plan?namespace=${LATTICE}` },
  ];
  const types = fc.constantFrom(
    'application/json',
    'application/yaml',
    'text/plain',
    'application/x-www-form-urlencoded',
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...routes), types, anything, async (route, type, body) => {
      const sent = typeof body === 'string' ? body : Uint8Array.from(body);
      const answer = await world.ask(route.method, route.path, { type, body: sent });
      expect(answer.status).toBeLessThan(500);
      expect(answer.status < 400 || isRefusal(answer.body)).toBe(true);
    }),
    { numRuns: 250 },
  );
}, 60_000);

test('whatever path and query REST gets, the answer is a refusal or a success, never a fault', async () => {
  const part = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('clusters', 'hosts', 'namespaces', 'shop', '..', '%2e%2e', ''),
  );
  const parts = fc.array(part.map(encodeURIComponent), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, fc.webQueryParameters(), async (path, query) => {
      const answer = await world.ask('GET', `/api/v1/${path.join('/')}?${query}`);
      expect(answer.status).toBeLessThan(500);
      expect(answer.status < 400 || isRefusal(answer.body)).toBe(true);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('whatever NATS brings, the answer is of the wadm API', async () => {
  const operation = fc.constantFrom(
    'put',
    'get',
    'get.fuzz',
    'list',
    'versions.fuzz',
    'del.fuzz',
    'deploy.fuzz',
    'undeploy.fuzz',
    'status.fuzz',
    'x',
    'put.fuzz',
  );
  const lattice = fc.constantFrom(LATTICE, LATTICE, LATTICE, 'plain', 'NONE');
  await fc.assert(
    fc.asyncProperty(lattice, operation, anything, async (name, op, body) => {
      const reply = await request(`wadm.api.${name}.model.${op}`, body);
      expect(Array.isArray(reply) || (typeof reply === 'object' && reply !== null && 'result' in reply)).toBe(true);
      expect(JSON.stringify(reply)).not.toContain('Internal storage error');
    }),
    { numRuns: 250 },
  );
}, 60_000);
