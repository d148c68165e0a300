import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { WasmCloudDistribution, WasmCloudLink } from '@kasmcloud/kube-api';
import { parseManifests } from '@kasmcloud/manifest';
import { readWadmManifest } from '@kasmcloud/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const main = join(import.meta.dirname, '../main.ts');

interface Exit {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `kasm render` as a process. */
async function render(args: readonly string[], stdin = '', nodeArgs: readonly string[] = []): Promise<Exit> {
  const child = spawn(process.execPath, [...nodeArgs, main, 'render', ...args], { stdio: 'pipe' });
  child.stdin.end(stdin);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: Number(code), out, err };
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-render-'));
});
afterAll(async () => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

test('an application is shown as the objects that it becomes, in YAML and in JSON alike', async () => {
  const manifest = await readWadmManifest('complex.yaml');
  const [yaml, json] = await Promise.all([
    render(['-f', '-'], manifest),
    render(['-f', await file('app.yaml', manifest), '-o', 'json', '-n', 'shop']),
  ]);
  expect([yaml.code, yaml.err, json.code, json.err]).toEqual([0, '', 0, '']);
  const { documents, problems } = parseManifests(yaml.out, { file: 'stdout' });
  expect(problems).toEqual([]);
  const { items } = JSON.parse(json.out) as { items: { kind: string; metadata: object; spec?: unknown }[] };
  expect(items).toEqual(
    documents.map(({ value }) => ({ ...value, metadata: { ...(value['metadata'] as object), namespace: 'shop' } })),
  );
  const of = (kind: string) => items.filter((one) => one.kind === kind);
  expect([of('ConfigMap').length, of('WasmCloudLink').length, of('WasmCloudDistribution').length]).toEqual([4, 2, 3]);
  for (const { spec } of of('WasmCloudDistribution')) WasmCloudDistribution.spec.parse(spec);
  for (const { spec } of of('WasmCloudLink')) WasmCloudLink.spec.parse(spec);
});

test('a shared component is linked by the id that its own application gives it', async () => {
  const shared = (await readWadmManifest('shared-http.yaml')).replace(
    /(name: httpclient\n[^]*?properties:\n)/,
    '$1        id: the-client\n',
  );
  const { code, out } = await render(['-f', '-'], `${shared}---\n${await readWadmManifest('shared-http-dev.yaml')}`);
  expect(code).toBe(0);
  expect(out).toContain('target: the-client');
});

test('every problem is told with its place, and nothing is shown', async () => {
  const bad = await file('bad.yaml', (await readWadmManifest('duplicate-component.yaml')).replace('kind:', 'kind :'));
  const good = await file('good.yaml', await readWadmManifest('simple.yaml'));
  const { code, out, err } = await render(['-f', bad, '-f', good]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err.trim().split('\n')).toEqual([
    expect.stringMatching(/bad\.yaml:\d+:\d+: .*Duplicate component name in manifest: ui/),
    expect.stringMatching(/bad\.yaml:\d+:\d+: .*Duplicate component name in manifest: vets/),
  ]);
});

test('what is deprecated is told beside what is shown', async () => {
  const manifest = await readWadmManifest('deprecated-source-and-target-config.yaml');
  const { code, out, err } = await render(['-f', '-'], manifest);
  expect(code).toBe(0);
  expect(out).toContain('kind: WasmCloudLink');
  expect(err).toMatch(/stdin:\d+:\d+: .*source:config: rather \(note\)/);
});

test.for([
  { what: 'no file', args: [], stdin: '', want: '--filename' },
  { what: 'a file that is not there', args: ['-f', 'none.yaml'], stdin: '', want: 'there is no such file' },
  { what: 'another form', args: ['-f', '-', '-o', 'xml'], stdin: '', want: 'yaml, json' },
  { what: 'no YAML', args: ['-f', '-'], stdin: '{[', want: 'stdin:1:' },
  {
    what: 'no application',
    args: ['-f', '-'],
    stdin: 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n',
    want: 'no Application',
  },
])('$what: 1', async ({ args, stdin, want }) => {
  const { code, out, err } = await render(args, stdin);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(want);
  expect(err).not.toMatch(/\n\s+at /);
});

test('only what it needs is loaded', async () => {
  const hooks = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) });`;
  const manifest = await readWadmManifest('simple.yaml');
  const { err } = await render(['-f', '-'], manifest, [
    '--import',
    `data:text/javascript,${encodeURIComponent(hooks)}`,
  ]);
  const loaded = err.split('\n');
  expect(loaded.filter((url) => url.endsWith('/libs/oam/src/index.ts'))).toHaveLength(1);
  const heavy =
    /node_modules\/(@nestjs|@kubernetes|bullmq|ioredis|undici|pino|@nats-io)\/|libs\/(kube|apiserver|lattice|jobs|wasm)\//;
  expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
});
