import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@kasmcloud/observe';
import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { afterAll, beforeAll } from 'vitest';
import { ComponentRuntime, type RuntimeOptions } from '../runtime/component-runtime.ts';
import type { GuestLogEntry, HostFunctions, LoadedComponent, LoadOptions } from '../runtime/types.ts';
import { componentPath } from './fixtures.ts';

/** A folder for generated code that is gone when the tests of the file are over. */
export const useCache = (): { readonly dir: string } => {
  const cache = { dir: '' };
  beforeAll(async () => {
    cache.dir = await mkdtemp(join(tmpdir(), 'kasmcloud-wasm-'));
  });
  afterAll(() => rm(cache.dir, { recursive: true, force: true }));
  return cache;
};

type Overrides = Partial<Omit<LoadOptions, 'limits'>> & { limits?: Partial<LoadOptions['limits']> };

export interface TestRuntime {
  load(component: Parameters<typeof componentPath>[0] | Uint8Array, overrides?: Overrides): Promise<LoadedComponent>;
  /** What guests logged since the file began. */
  readonly logged: GuestLogEntry[];
}

/** A host that serves nothing but takes log lines. */
export const noHost = (logged: GuestLogEntry[] = []): HostFunctions => ({
  provides: () => false,
  invoke: (instance, func) => Promise.reject(new Error(`${instance}.${func} is not served`)),
  log: (entry) => logged.push(entry),
});

/** A runtime for the tests of one file. */
export const useRuntime = (options: Partial<RuntimeOptions> = {}): TestRuntime => {
  const cache = useCache();
  const logged: GuestLogEntry[] = [];
  let runtime: ComponentRuntime | undefined;
  beforeAll(() => {
    runtime = new ComponentRuntime({ cacheDir: cache.dir, logger: silentLogger, workers: 2, ...options });
  });
  afterAll(() => runtime?.close());
  return {
    logged,
    load: (component, { limits, ...overrides } = {}) => {
      if (runtime === undefined) throw new Error('the runtime starts with the first test');
      return runtime.load(typeof component === 'string' ? componentPath(component) : component, {
        name: typeof component === 'string' ? component : 'component',
        instances: 10,
        config: {},
        host: noHost(logged),
        ...overrides,
        limits: { memoryBytes: 16 * 1024 * 1024, executionMs: 5000, ...limits },
      });
    },
  };
};

export const get = (pathWithQuery: string): HttpRequest => ({ method: 'GET', pathWithQuery, headers: [] });

export const textOf = async ({ body }: Pick<HttpResponse, 'body'>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};
