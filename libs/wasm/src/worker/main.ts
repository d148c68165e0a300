// Entry of a runtime worker that runs from source.
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerSetup } from '../runtime/protocol.ts';
import { start } from './start.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
await start(workerData as WorkerSetup, parentPort);
