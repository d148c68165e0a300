// Entry of a runtime worker that is bundled: the script beside it, out of what an earlier worker has compiled of it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerSetup } from '../runtime/protocol.ts';
import type * as Program from './start.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const setup = workerData as WorkerSetup;

// No module: of those Node can keep only what was compiled before they ran.
// In parentheses V8 compiles a function at once, which else it would read twice.
const filename = new URL('./wasm-worker-script.cjs', import.meta.url);
const script = new Script(`(function (exports, require) { 'use strict'; ${readFileSync(filename, 'utf8')}\n})`, {
  filename: filename.href,
  cachedData: setup.code,
});
const run = script.runInThisContext() as (exports: object, require: NodeJS.Require) => void;
const program = {} as typeof Program;
run(program, createRequire(import.meta.url));
program.importBy((url) => import(url));
void program.start(setup, parentPort, () => script.createCachedData());
