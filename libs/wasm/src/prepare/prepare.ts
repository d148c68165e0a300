import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capMemories } from '../binary/memory-cap.ts';
import { ComponentError } from '../error.ts';
import { inspectComponent, type ComponentInterfaces } from '../inspect.ts';
import { buildBindings, type BuiltFile } from './build.ts';
import { readEntry, writeEntry } from './cache.ts';
import { planBindings, type BindingsPlan } from './plan.ts';

/** The generator whose output is in the cache. A test compares it with the installed package. */
export const toolVersion = 'jco-transpile-0.15.0';

export interface PrepareOptions {
  /** Folder of this process's user, in which generated code is kept by digest. */
  readonly cacheDir: string;
  /** The most that each memory of the component can grow to. */
  readonly memoryLimitBytes: number;
  /** The build worker's entry, when it is not where `entryUrl` looks. */
  readonly buildWorkerUrl?: URL | undefined;
  /** Looks at the interfaces before anything is built for them; what it throws is thrown. */
  readonly check?: (interfaces: ComponentInterfaces) => void;
}

export interface PreparedComponent {
  /** `sha256:…` of the component's bytes. */
  readonly digest: string;
  readonly interfaces: ComponentInterfaces;
  /** `file:` URL of the generated JavaScript module. */
  readonly bindings: string;
  /** Core modules with capped memories, by the names that the bindings ask for. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
}

/**
 * Makes a component ready to be instantiated: reads its interfaces, generates bindings (or takes them from the cache),
 * and caps its memories.
 * @throws ComponentError when it is not a component, cannot be bound, or starts with more memory than it may have.
 */
export const prepareComponent = async (bytes: Uint8Array, options: PrepareOptions): Promise<PreparedComponent> => {
  const interfaces = inspectComponent(bytes);
  options.check?.(interfaces);
  const plan = planBindings(interfaces);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const folder = join(options.cacheDir, `${digest}-${toolVersion}-${planDigest(plan)}`);
  const files = (await readEntry(folder)) ?? (await build(bytes, plan, folder, options.buildWorkerUrl));
  const modules = files.filter(([name]) => name.endsWith('.wasm'));
  return {
    digest: `sha256:${digest}`,
    interfaces,
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
