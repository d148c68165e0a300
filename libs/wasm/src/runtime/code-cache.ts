import { digestOf, prepareComponent, type PrepareOptions } from '../prepare/prepare.ts';
import { compileCode } from './compile.ts';
import type { Program } from './protocol.ts';

/** A component ready for workers. */
export interface ReadyComponent {
  /** `sha256:…` of its bytes. */
  readonly digest: string;
  readonly program: Program;
}

interface Kept {
  readonly ready: ReadyComponent;
  readonly bytes: number;
}

/** The most bytes of components whose compiled code is kept though nobody may use it. */
const maxBytes = 16 * 1024 * 1024;

/** Components that were compiled lately: the next actor of the same image starts in a fraction of the time. */
export class CodeCache {
  /** The one used last is last. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** @throws as `prepareComponent`, and ComponentError when a core module is not valid */
  async ready(component: Uint8Array, options: PrepareOptions): Promise<ReadyComponent> {
    const { digest = digestOf(component) } = options;
    const key = `${digest} ${options.memoryLimitBytes}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      options.check?.(kept.ready.program);
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept.ready;
    }
    const { interfaces, code, ...prepared } = await prepareComponent(component, { ...options, digest });
    const ready = { ...prepared, program: { ...interfaces, code: await compileCode(code) } };
    this.#keep(key, { ready, bytes: component.length });
    return ready;
  }

  #keep(key: string, one: Kept): void {
    if (one.bytes > maxBytes || this.#kept.has(key)) return;
    this.#kept.set(key, one);
    this.#bytes += one.bytes;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
