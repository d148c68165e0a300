// Entry of a runtime worker: keeps pools of instances and runs calls in them.
import { parentPort, workerData } from 'node:worker_threads';
import { Claims } from '../runtime/claims.ts';
import type { FromWorker, ToLoop, WorkerSetup } from '../runtime/protocol.ts';
import { Inbox } from './inbox.ts';
import { WorkerLoop } from './loop.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
const port = parentPort;
const { claims, atWork, answered, worker, sampling, farCaller } = workerData as WorkerSetup;

// Loaded only where spans are made: it is most of what this thread would load.
const forwarding =
  sampling &&
  (await (
    await import('./forwarding.ts')
  ).forwardSpans(sampling, (spans) => port.postMessage([{ kind: 'spans', spans }], [])));

const loop = new WorkerLoop((messages: readonly FromWorker[]) => port.postMessage(messages, []), {
  claims: new Claims(claims),
  atWork,
  answered,
  worker,
  forwarding,
  farCaller,
});
const inbox = new Inbox<ToLoop>(
  (message) => loop.receive(message),
  (message) => loop.isLateToStart(message),
);
port.on('message', (messages: readonly ToLoop[]) => inbox.take(messages));
