import type { MessagePort } from 'node:worker_threads';
import { Claims } from '../runtime/claims.ts';
import { unpack, type PackedLetters } from '../runtime/packed.ts';
import type { FromWorker, ToLoop, WorkerSetup } from '../runtime/protocol.ts';
import { Inbox } from './inbox.ts';
import { WorkerLoop } from './loop.ts';

export { importBy } from './importing.ts';

/** Keeps pools of instances in this thread, and runs calls in them. `ownCode` as in `LoopParts`. */
export const start = async (setup: WorkerSetup, port: MessagePort, ownCode?: () => Uint8Array): Promise<void> => {
  const { claims, atWork, answered, worker, sampling, farCaller } = setup;
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
    ownCode,
  });
  const inbox = new Inbox<ToLoop>(
    (message) => loop.receive(message),
    (message) => loop.isLateToStart(message),
  );
  port.on('message', (packed: readonly (ToLoop | PackedLetters)[]) => inbox.take(unpack(packed)));
};
