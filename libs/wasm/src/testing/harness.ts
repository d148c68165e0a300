import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@kasmcloud/observe';
import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { ComponentRuntime, type RuntimeOptions } from '../runtime/component-runtime.ts';
import type { GuestLogEntry, HostFunctions, LoadedComponent, LoadOptions } from '../runtime/types.ts';
import { componentPath } from './fixtures.ts';

type Overrides = Partial<Omit<LoadOptions, 'limits'>> & { limits?: Partial<LoadOptions['limits']> };

export interface TestRuntime {
  load(component: Parameters<typeof componentPath>[0] | Uint8Array, overrides?: Overrides): Promise<LoadedComponent>;
  listen: ComponentRuntime['listen'];
  tellSpans: ComponentRuntime['tellSpans'];
  rehearse: ComponentRuntime['rehearse'];
  /** What guests logged since the file began. */
  readonly logged: GuestLogEntry[];
  close(): Promise<void>;
}

/** A host that serves nothing but takes log lines. */
export const noHost = (logged: GuestLogEntry[] = []): HostFunctions => ({
  provides: () => false,
  invoke: (instance, func) => Promise.reject(new Error(`${instance}.${func} is not served`)),
  log: (entry) => logged.push(entry),
});

/** Which bindings the components of a test file get; see `runtime/generated-bindings.test.ts`. */
const bindings = process.env['WASM_TEST_BINDINGS'] === 'generated' ? 'generated' : 'linked';

/** A runtime with a cache of its own, for the tests of one file. */
export const openRuntime = async (options: Partial<RuntimeOptions> = {}): Promise<TestRuntime> => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'kasmcloud-wasm-'));
  const runtime = new ComponentRuntime({ cacheDir, logger: silentLogger, workers: 2, bindings, ...options });
  const logged: GuestLogEntry[] = [];
  return {
    logged,
    listen: (options) => runtime.listen(options),
    tellSpans: () => runtime.tellSpans(),
    rehearse: (rehearsal) => runtime.rehearse(rehearsal),
    load: (component, { limits, ...overrides } = {}) =>
      runtime.load(typeof component === 'string' ? componentPath(component) : component, {
        name: typeof component === 'string' ? component : 'component',
        instances: 10,
        config: {},
        host: noHost(logged),
        ...overrides,
        limits: { memoryBytes: 16 * 1024 * 1024, executionMs: 20_000, ...limits },
      }),
    close: async () => {
      runtime.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
};

export const get = (pathWithQuery: string): HttpRequest => ({ method: 'GET', pathWithQuery, headers: [] });

export const textOf = async ({ body }: Pick<HttpResponse, 'body'>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};
