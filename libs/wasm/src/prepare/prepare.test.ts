import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { ComponentError } from '../error.ts';
import { componentBytes, dummyComponent } from '../testing/fixtures.ts';
import { patchHangs } from './patch.ts';
import { planBindings } from './plan.ts';
import { inspectComponent } from '../inspect.ts';
import { toolVersion, type GeneratedCode } from './generated.ts';
import { prepareComponent, type PrepareOptions } from './prepare.ts';

const cacheDir = await mkdtemp(join(tmpdir(), 'kasmcloud-prepare-'));
afterAll(() => rm(cacheDir, { recursive: true }));
const options = { cacheDir, memoryLimitBytes: 1024 * 1024 };

describe('planBindings', () => {
  test('suspends for what waits, and for everything that the main thread serves', async () => {
    const { asyncImports, asyncExports, hangs } = planBindings(inspectComponent(await componentBytes('front')));
    expect(asyncImports).toEqual([
      'example:greet/greeter@0.1.0#greet',
      'wasi:io/streams@0.2.0#[method]output-stream.blocking-write-and-flush',
    ]);
    expect(asyncExports).toEqual(['wasi:http/incoming-handler@0.2.0#handle']);
    // The export, and the import without a result.
    expect(hangs).toBe(2);
  });
});

const generated = (last: string): string => `task.reject(err);\n  task.exit();\n  ${last}`;

describe('patchHangs', () => {
  const hang = generated('return task.completionPromise();');

  test('throws where the generated code would wait for ever', () => {
    const repaired = generated('throw err;');
    expect(patchHangs(`a;${hang}b;${hang}`, 2)).toBe(`a;${repaired}b;${repaired}`);
  });

  test('a generator that writes something else is noticed', () => {
    expect(() => patchHangs(hang, 2)).toThrow('generated code has 1 places to repair, 2 were expected');
  });
});

const generate = async (
  bytes: Uint8Array,
  more: Partial<PrepareOptions> = {},
): Promise<GeneratedCode & { readonly digest: string }> => {
  const { code, digest } = await prepareComponent(bytes, { ...options, bindings: 'generated', ...more });
  if (code.kind !== 'generated') throw new TypeError('generated bindings were asked for');
  return { ...code, digest };
};

describe('generated bindings', () => {
  test('the version in the cache is that of the installed generator', async () => {
    const path = createRequire(import.meta.url)
      .resolve('@bytecodealliance/jco-transpile')
      .replace(/dist.*/, 'package.json');
    expect(toolVersion).toBe(`jco-transpile-${JSON.parse(await readFile(path, 'utf8')).version}`);
  });

  test('builds once, and takes it from the cache afterwards', async () => {
    const bytes = await componentBytes('greeter');
    const first = await generate(bytes);
    const code = await readFile(fileURLToPath(first.bindings), 'utf8');
    const second = await generate(bytes, {
      buildWorkerUrl: new URL('file:///nowhere/at/all.js'),
    });
    expect(second.bindings).toBe(first.bindings);
    expect(second.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect([...second.modules.keys()]).toEqual([...first.modules.keys()]);
    expect(code).toContain('export function instantiate');
  });

  test.for(['component.js', 'component.core.wasm', 'files.json'])('builds again when %s is damaged', async (name) => {
    const bytes = await componentBytes('greeter');
    const before = await generate(bytes);
    const folder = fileURLToPath(new URL('.', before.bindings));
    await writeFile(join(folder, name), 'damaged');
    const after = await generate(bytes);
    expect(after.modules).toEqual(before.modules);
    expect(await readFile(fileURLToPath(after.bindings), 'utf8')).not.toBe('damaged');
  });

  test('many at once leave one entry and nothing else', async () => {
    const bytes = await componentBytes('shelved');
    const all = await Promise.all([1, 2, 3].map(() => generate(bytes)));
    expect(new Set(all.map(({ bindings }) => bindings)).size).toBe(1);
    expect((await readdir(cacheDir)).filter((name) => name.includes('.tmp') || /\.[0-9a-f-]{36}$/.test(name))).toEqual(
      [],
    );
  });

  test('a component that starts larger than its limit is refused', async () => {
    const bytes = await componentBytes('faulty');
    await expect(generate(bytes, { memoryLimitBytes: 65_536 })).rejects.toThrow(
      /needs \d+ bytes of memory to start, its limit is 65536/,
    );
  });

  test('a component that the generator refuses is a ComponentError', async () => {
    const bytes = await dummyComponent('package a:b; world w { export run: func(); }');
    // The core module inside, which reading the interfaces steps over.
    const at = Buffer.from(bytes).indexOf(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    const broken = bytes.slice();
    broken[at + 8] = 0x7f;
    await expect(generate(broken)).rejects.toThrow(ComponentError);
  });
});
