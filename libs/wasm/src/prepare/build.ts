import { Worker } from 'node:worker_threads';
import { ComponentError } from '../error.ts';
import { entryUrl } from '../entry.ts';
import type { BindingsPlan } from './plan.ts';

export interface BuildJob {
  readonly component: Uint8Array;
  readonly plan: BindingsPlan;
}

export type BuildReply =
  | { readonly kind: 'built'; readonly files: readonly BuiltFile[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** Name and content: `component.js` and the core modules that it asks for by name. */
export type BuiltFile = readonly [name: string, content: Uint8Array];

/** A component of 14 MB takes half a second on a quiet machine. */
const buildTimeoutMs = 120_000;

/**
 * Generates the bindings of a component in a thread of its own.
 * @throws ComponentError when the generator refuses the component, fails, or does not end in time.
 */
export const buildBindings = (job: BuildJob, workerUrl: URL = entryUrl('build')): Promise<readonly BuiltFile[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: job, name: 'wasm-build' });
    const end = (): void => {
      clearTimeout(timer);
      void worker.terminate();
    };
    const fail = (reason: string, cause?: unknown): void => {
      end();
      reject(new ComponentError(`bindings cannot be generated: ${reason}`, undefined, { cause }));
    };
    const timer = setTimeout(() => fail(`not done after ${buildTimeoutMs} ms`), buildTimeoutMs);
    worker.once('message', (reply: BuildReply) => {
      if (reply.kind === 'failed') fail(reply.reason);
      else {
        end();
        resolve(reply.files);
      }
    });
    worker.once('error', (cause: Error) => fail(cause.message, cause));
    worker.once('exit', (code) => fail(`the build thread ended with code ${code}`));
  });
