import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capMemories } from '../binary/memory-cap.ts';
import { ComponentError } from '../error.ts';
import type { ComponentInterfaces } from '../inspect.ts';
import { buildBindings, type BuiltFile } from './build.ts';
import { readEntry, writeEntry } from './cache.ts';
import { planBindings, type BindingsPlan } from './plan.ts';

/** The generator whose output is in the cache. A test compares it with the installed package. */
export const toolVersion = 'jco-transpile-0.15.0';

export interface GenerateOptions {
  /** Folder of this process's user, in which generated code is kept by digest. */
  readonly cacheDir: string;
  /** The most that each memory of the component can grow to. */
  readonly memoryLimitBytes: number;
  /** The build worker's entry, when it is not where `entryUrl` looks. */
  readonly buildWorkerUrl?: URL | undefined;
}

/** What jco makes of a component. */
export interface GeneratedCode {
  readonly kind: 'generated';
  /** `file:` URL of the generated JavaScript module. */
  readonly bindings: string;
  /** Core modules with capped memories, by the names that the bindings ask for. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
}

/**
 * Generates bindings, or takes them from the cache.
 * @throws ComponentError when it cannot be bound, or starts with more memory than it may have
 */
export const generateCode = async (
  bytes: Uint8Array,
  digest: string,
  interfaces: ComponentInterfaces,
  options: GenerateOptions,
): Promise<GeneratedCode> => {
  const plan = planBindings(interfaces);
  const folder = join(options.cacheDir, `${digest}-${toolVersion}-${planDigest(plan)}`);
  const files = (await readEntry(folder)) ?? (await build(bytes, plan, folder, options.buildWorkerUrl));
  const modules = files.filter(([name]) => name.endsWith('.wasm'));
  return {
    kind: 'generated',
    bindings: pathToFileURL(join(folder, 'component.js')).href,
    modules: new Map(modules.map(([name, module]) => [name, capMemories(module, options.memoryLimitBytes)])),
  };
};

const build = async (
  component: Uint8Array,
  plan: BindingsPlan,
  folder: string,
  workerUrl: URL | undefined,
): Promise<readonly BuiltFile[]> => {
  const files = await buildBindings({ component, plan }, workerUrl);
  if (!files.some(([name]) => name === 'component.js')) throw new ComponentError('bindings have no component.js');
  await writeEntry(folder, files);
  return files;
};

/** Which functions may wait is part of the generated code, and of this program's version. */
const planDigest = (plan: BindingsPlan): string =>
  createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 8);
