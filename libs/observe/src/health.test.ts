import fastify from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { DuplicateCheckError, formatReport, Health } from './health.ts';
import { createMetrics } from './metrics.ts';
import { mountProbes, serveProbes } from './probes.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

test('every check is told by name, the failed one with its reason', async () => {
  const health = new Health();
  health.addReadiness('etcd', () => undefined);
  health.addReadiness('redis', () => 'silent for 3 s\nsince noon');
  health.addReadiness('nats', () => Promise.reject(new Error('nats://u:p@host refused')));
  const report = await health.report('readyz');
  expect(formatReport('readyz', report, false)).toBe(
    '[+]ping ok\n[+]etcd ok\n[-]redis failed: silent for 3 s since noon\n[-]nats failed: nats://[redacted]@host refused\nreadyz check failed\n',
  );
  expect(formatReport('livez', await health.report('livez'), true)).toBe('[+]ping ok\nlivez check passed\n');
  expect(formatReport('livez', await health.report('livez'), false)).toBe('ok');
});

test('a check that hangs fails at its deadline, is told to stop, and is not started twice meanwhile', async () => {
  const health = new Health();
  let started = 0;
  let stopped = false;
  const hang = async (signal: AbortSignal): Promise<void> => {
    started += 1;
    signal.addEventListener('abort', () => (stopped = true));
    await new Promise<never>(() => {});
  };
  health.addLiveness('loop', hang, { timeoutMs: 30 });
  const [first, second] = await Promise.all([health.report('livez'), health.report('livez')]);
  expect(first).toBe(second);
  expect(first.checks).toContainEqual({ name: 'loop', failure: 'no answer within 30 ms' });
  expect({ started, stopped }).toEqual({ started: 1, stopped: true });
  await health.report('livez');
  expect(started).toBe(2);
});

test('a process that shuts down is alive and not ready', async () => {
  const health = new Health();
  health.startShutdown();
  expect((await health.report('livez')).ok).toBe(true);
  expect(formatReport('readyz', await health.report('readyz'), false)).toContain('[-]shutdown failed: shutting down');
});

test('a name is given once', () => {
  const health = new Health();
  health.addLiveness('loop', () => undefined);
  health.addReadiness('loop', () => undefined);
  expect(() => health.addLiveness('loop', () => undefined)).toThrow(DuplicateCheckError);
});

const sources = (failure?: string): { health: Health; metrics: ReturnType<typeof createMetrics> } => {
  const health = new Health();
  health.addReadiness('hub', () => failure);
  return { health, metrics: createMetrics() };
};

const servers = {
  'node:http': async (given: ReturnType<typeof sources>): Promise<string> => {
    const served = await serveProbes({ port: 0, ...given });
    closers.push(served.close);
    return `http://127.0.0.1:${served.port}`;
  },
  fastify: async (given: ReturnType<typeof sources>): Promise<string> => {
    const server = fastify();
    mountProbes(server, given);
    closers.push(() => server.close());
    return server.listen({ port: 0, host: '127.0.0.1' });
  },
};

const get = async (url: string): Promise<[number, string]> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return [response.status, await response.text()];
};

test.for(Object.entries(servers))('%s answers the probes', async ([, serve]) => {
  const well = await serve(sources());
  expect(await get(`${well}/livez`)).toEqual([200, 'ok']);
  expect(await get(`${well}/readyz?verbose`)).toEqual([200, '[+]ping ok\n[+]hub ok\nreadyz check passed\n']);
  const [status, metrics] = await get(`${well}/metrics`);
  expect([status, metrics.includes('nodejs_version_info')]).toEqual([200, true]);
  expect((await get(`${well}/secrets`))[0]).toBe(404);
  const ill = await serve(sources('unreachable'));
  expect(await get(`${ill}/readyz`)).toEqual([503, '[+]ping ok\n[-]hub failed: unreachable\nreadyz check failed\n']);
  expect((await get(`${ill}/livez`))[0]).toBe(200);
});

test('the probe server refuses other methods, and tells a port that is taken', async () => {
  const served = await serveProbes({ port: 0, ...sources() });
  closers.push(served.close);
  const url = `http://127.0.0.1:${served.port}`;
  expect((await fetch(`${url}/livez`, { method: 'POST', body: 'x' })).status).toBe(405);
  expect((await fetch(`${url}/livez`, { method: 'HEAD' })).status).toBe(200);
  await expect(serveProbes({ port: served.port, ...sources() })).rejects.toThrow('EADDRINUSE');
});
