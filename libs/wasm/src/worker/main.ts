// Entry of a runtime worker: keeps pools of instances and runs calls in them.
import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '../runtime/protocol.ts';
import { WorkerLoop } from './loop.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;

const loop = new WorkerLoop((message: FromWorker) => port.postMessage(message, []));
port.on('message', (message: ToWorker) => loop.receive(message));
