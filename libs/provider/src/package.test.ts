import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectLattice, invoke } from '@kasmcloud/lattice';
import { startNats } from '@kasmcloud/testing';
import { providerLinkKey, wrpcHeader } from '@kasmcloud/wire';
import { afterAll, expect, test, vi } from 'vitest';
import { counter } from '../../../examples/provider-node/bindings/words-counter.js';
import { healthOf, LATTICE, LaunchedProvider } from './launched-provider.fixture.ts';

vi.setConfig({ testTimeout: 240_000 });

const run = promisify(execFile);
const library = join(import.meta.dirname, '..');
const example = join(library, '../../examples/provider-node');
// Inside the repository, so that what the package depends on is found as it is after an installation.
const room = join(library, 'dist', 'trial');
const nats = await startNats();
afterAll(async () => {
  await nats.close();
  await rm(room, { recursive: true, force: true });
});

test('what is published is small and whole: types, code, bindings, and nothing of the repository', async () => {
  await run(process.execPath, ['build.config.ts'], { cwd: library });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', library + '/dist'], {
    cwd: library + '/dist',
  });
  const [packed] = JSON.parse(stdout) as { filename: string; size: number; files: { path: string }[] }[];
  const files = packed?.files.map(({ path }) => path) ?? [];
  expect(files.filter((path) => !path.startsWith('types/'))).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'bindings.js', 'index.js', 'package.json']),
  );
  expect(
    files.filter(
      (path) => !/^(types\/(provider|wrpc)\/[\w-]+\.d\.ts|[\w-]+\.js|LICENSE|README\.md|package\.json)$/.test(path),
    ),
  ).toEqual([]);
  expect(packed?.size).toBeLessThan(100_000);
  const manifest = await readFile(join(library, 'dist/package.json'), 'utf8');
  expect(Object.keys((JSON.parse(manifest) as { dependencies: object }).dependencies)).toEqual([
    '@bytecodealliance/jco-transpile',
    '@nats-io/nats-core',
    '@nats-io/nkeys',
    '@nats-io/transport-node',
    '@opentelemetry/api',
    '@opentelemetry/core',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/exporter-trace-otlp-proto',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace',
    '@opentelemetry/semantic-conventions',
    'zod',
  ]);
  for (const file of files.filter((path) => path.endsWith('.js') || path.endsWith('.d.ts'))) {
    const text = await readFile(join(library, 'dist', file), 'utf8');
    const unpublished = text.match(/^(?:import|export)[^'"\n]*['"]@kasmcloud\/|import\(['"]@kasmcloud\//gm);
    expect({ file, unpublished }).toEqual({ file, unpublished: null });
  }

  // As `npm install` unpacks it, beside the example.
  const installed = join(room, 'node_modules/@kasmcloud/provider');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(library, 'dist', packed?.filename ?? ''), '--strip-components=1', '-C', installed]);
  await cp(example, room, { recursive: true });
  await rm(join(library, 'dist', packed?.filename ?? ''));

  const bindings = join(installed, 'bindings.js');
  const told = await run(process.execPath, [bindings, '--wit', 'wit', '--world', 'provider', '--out', 'bindings'], {
    cwd: room,
  });
  expect(told.stdout).toContain('words-counter.d.ts');

  const strict = [
    '--ignoreConfig',
    '--strict',
    '--noEmit',
    '--allowJs',
    '--checkJs',
    '--module',
    'nodenext',
    '--target',
    'es2024',
  ];
  const tsc = join(library, '../../node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, ...strict, '--types', 'node', 'provider.mjs'], { cwd: room });

  const connection = await connectLattice({ servers: nats.url, name: 'test' });
  const link = {
    source_id: 'actor',
    target: 'counter',
    name: 'default',
    wit_namespace: 'example',
    wit_package: 'words',
    interfaces: ['counter'],
    source_config: {},
    target_config: {},
  };
  const provider = new LaunchedProvider({
    command: [process.execPath, join(room, 'provider.mjs')],
    id: 'counter',
    natsUrl: nats.url,
    wish: { links: new Map([[providerLinkKey(link), { link }]]) },
  });
  await healthOf(connection, 'counter');
  const address = { lattice: LATTICE, target: 'counter', instance: counter.name, func: 'count' };
  const headers = { [wrpcHeader.sourceId]: 'actor' };
  const { type } = counter.functions.count;
  expect(await invoke(connection, address, type, ['to be or not to be', 'en'], { headers })).toEqual({
    tag: 'ok',
    val: { words: 6, distinct: 4, top: { word: 'to', times: 2 } },
  });
  await provider.kill();
  await connection.close();
});
