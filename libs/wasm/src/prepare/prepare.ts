import { hash } from 'node:crypto';
import { capMemories } from '../binary/memory-cap.ts';
import { UnsupportedError, type Definition } from '../definition/definition.ts';
import { readDefinition } from '../definition/read-definition.ts';
import { inspectComponent, type ComponentInterfaces } from '../inspect.ts';
import { assemble } from '../linking/assemble.ts';
import { generateCode, type GeneratedCode, type GenerateOptions } from './generated.ts';
import { mayWait } from './plan.ts';

export interface PrepareOptions extends GenerateOptions {
  /** Looks at the interfaces before anything is built for them; what it throws is thrown. */
  readonly check?: (interfaces: ComponentInterfaces) => void;
  /** `sha256:…` of the component, where it is known already: to work it out of a large one takes longer than all else. */
  readonly digest?: string | undefined;
  /** Which bindings to use. Default `linked`, and generated ones for what those do not support. */
  readonly bindings?: PreparedComponent['code']['kind'] | undefined;
  /** Told why a component needs generated bindings. */
  readonly onUnsupported?: (reason: string) => void;
}

/** A component that this program binds itself, by the canonical ABI. */
export interface LinkedCode {
  readonly kind: 'linked';
  readonly definitions: readonly Definition[];
  /** Core modules with capped memories, by number. */
  readonly modules: readonly Uint8Array[];
}

export interface PreparedComponent {
  /** `sha256:…` of the component's bytes. */
  readonly digest: string;
  readonly interfaces: ComponentInterfaces;
  readonly code: LinkedCode | GeneratedCode;
}

/**
 * Makes a component ready to be instantiated: reads its interfaces and its parts, and caps its memories. Where it uses
 * what is not supported here, its bindings are generated.
 * @throws ComponentError when it is not a component, cannot be bound, or starts with more memory than it may have.
 */
export const prepareComponent = async (bytes: Uint8Array, options: PrepareOptions): Promise<PreparedComponent> => {
  const interfaces = inspectComponent(bytes);
  options.check?.(interfaces);
  const { digest = digestOf(bytes) } = options;
  const code =
    (options.bindings === 'generated' ? undefined : link(bytes, options)) ??
    (await generateCode(bytes, digest.slice(algorithm.length), interfaces, options));
  return { digest, interfaces, code };
};

const algorithm = 'sha256:';

export const digestOf = (bytes: Uint8Array): string => `${algorithm}${hash('sha256', bytes)}`;

const link = (bytes: Uint8Array, { memoryLimitBytes, onUnsupported }: PrepareOptions): LinkedCode | undefined => {
  try {
    const definition = readDefinition(bytes);
    // The worker does it again: what it makes cannot be sent there. Here it tells whether it can be done.
    assemble(definition, mayWait).check();
    const modules = definition.modules.map((module) => capMemories(module, memoryLimitBytes));
    return { kind: 'linked', definitions: definition.definitions, modules };
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    onUnsupported?.(error.message);
    return undefined;
  }
};
