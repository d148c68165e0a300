// Entry of the build worker: one component in, its JavaScript bindings and core modules out, then the thread ends.
// It is a thread because a component of 14 MB takes half a second, and a process of its own memory to throw away.
import { parentPort, workerData } from 'node:worker_threads';
import { $init, generate } from '@bytecodealliance/jco-transpile/component';
import type { BuildJob, BuildReply } from './build.ts';
import { patchHangs } from './patch.ts';

const build = async ({ component, plan }: BuildJob): Promise<BuildReply> => {
  await $init;
  const { files } = generate(component, {
    name: 'component',
    noTypescript: true,
    instantiation: { tag: 'async' },
    asyncMode: { tag: 'jspi', val: { imports: [...plan.asyncImports], exports: [...plan.asyncExports] } },
    map: plan.names.map((name): [string, string] => [name, name]),
    noComponentErrorWrapping: false,
    noNodejsCompat: true,
    // Core modules as files of their own, also the small ones.
    base64Cutoff: 0,
  });
  return {
    kind: 'built',
    files: files.map(([name, content]) => [name, name.endsWith('.js') ? patched(content, plan.hangs) : content]),
  };
};

const patched = (content: Uint8Array, hangs: number): Uint8Array =>
  new TextEncoder().encode(patchHangs(new TextDecoder().decode(content), hangs));

const reply = await build(workerData as BuildJob).catch((error: unknown): BuildReply => ({
  kind: 'failed',
  reason: error instanceof Error ? error.message : String(error),
}));
parentPort?.postMessage(reply, []);
