import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanReport } from './report/report.ts';

const main = join(import.meta.dirname, '../main.ts');
const fixtures = join(import.meta.dirname, '../../../../test/fixtures/plans');
const input = (situation: string): string => join(fixtures, situation, 'input.yaml');

interface Exit {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `kasm` as a process. */
async function kasm(args: readonly string[], stdin = '', nodeArgs: readonly string[] = []): Promise<Exit> {
  const child = spawn(process.execPath, [...nodeArgs, main, ...args], { stdio: 'pipe' });
  child.stdin.end(stdin);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: Number(code), out, err };
}

describe('exit code', () => {
  test.for([
    { situation: 'drain', code: 0 },
    { situation: 'memory', code: 2 },
  ])('$code for $situation', async ({ situation, code }) => {
    const ran = await kasm(['plan', '-f', input(situation), '-o', 'json']);
    expect({ code: ran.code, err: ran.err }).toEqual({ code, err: '' });
    expect(JSON.parse(ran.out)).toEqual(JSON.parse(await readFile(join(fixtures, situation, 'plan.json'), 'utf8')));
  });

  test.for([
    { name: 'a file that is not there', args: ['-f', 'no-such-file'], want: '-f no-such-file: there is no such file' },
    { name: 'no file', args: [], want: '--filename' },
    { name: 'a form that is not there', args: ['-f', '-', '-o', 'xml'], want: 'table, json, yaml' },
    { name: 'bad YAML', args: ['-f', '-', '-o', 'json'], want: 'stdin:1:' },
    { name: 'nothing to explain', args: ['-f', input('drain'), '--explain', 'a/b'], want: 'there is shop/web' },
  ])('1 for $name', async ({ args, want }) => {
    const { code, out, err } = await kasm(['plan', ...args], '{[');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(want);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('input', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kasm-plan-'));
    await mkdir(join(folder, 'nested'));
    await mkdir(join(folder, '.git'));
    await copyFile(input('drain'), join(folder, 'nested', 'all.yml'));
    await writeFile(join(folder, '.git', 'index.yaml'), '{[');
    await writeFile(join(folder, 'README.md'), '{[');
  });
  afterAll(async () => rm(folder, { recursive: true }));

  const hashOf = ({ out }: Exit): string => (JSON.parse(out) as PlanReport).planHash;

  test('a folder, a file and stdin give one plan', async () => {
    const runs = await Promise.all([
      kasm(['plan', '-f', folder, '-o', 'json']),
      kasm(['plan', '-f', input('drain'), '-o', 'json']),
      kasm(['plan', '-f', '-', '-o', 'json'], await readFile(input('drain'), 'utf8')),
    ]);
    expect(new Set(runs.map(hashOf)).size).toBe(1);
  });
});

test('only what a plan needs is loaded', async () => {
  const hooks = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) });`;
  const args = ['plan', '-f', input('drain')];
  const { err } = await kasm(args, '', ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`]);
  const loaded = err.split('\n');
  expect(loaded.filter((url) => url.endsWith('/libs/placement/src/index.ts'))).toHaveLength(1);
  const heavy =
    /node_modules\/(@nestjs|@kubernetes|bullmq|ioredis|undici|pino|@nats-io)\/|libs\/(kube|apiserver|lattice|jobs|wasm)\//;
  expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
});
