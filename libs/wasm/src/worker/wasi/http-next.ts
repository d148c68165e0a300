import { WitError } from '../../error.ts';
import type { ResponseHead } from '../../runtime/protocol.ts';
import { BodySender, type BodyReceiver } from '../body.ts';
import type { Guest } from '../guest.ts';
import type { IncomingRequest } from './http-incoming.ts';
import type { ResponseOutparam } from './http-outgoing.ts';
import { alone } from './io.ts';

/**
 * wasi:http/incoming-handler.handle as an import: the component that the link names answers in the guest's place. This is
 * how one component is put before another. It returns when the answer has passed: the guest's instance carries it.
 */
export const nextHandler =
  (guest: Guest) =>
  async (request: IncomingRequest, out: ResponseOutparam): Promise<void> => {
    const { head, body } = request.handOn();
    const sender = new BodySender();
    const sending = guest.send({ kind: 'handle', head }, sender);
    if (body === undefined) sender.finish();
    else void pass(body, sender);
    try {
      const answer = await sending.answer;
      await pass(answer.body, out.pass(answer.value as ResponseHead));
    } catch (error) {
      if (!(error instanceof WitError)) throw error;
      out.refuse(error.payload);
    }
  };

/** Passes a body on as fast as its reader takes it. */
const pass = async (from: BodyReceiver, to: BodySender): Promise<void> => {
  for (;;) {
    while (!from.isReady()) await from.wait();
    const { end } = from;
    if (end === 'closed') return to.finish(from.trailers);
    if (end !== 'open') return to.break(end.message);
    while (!to.isReady()) await to.wait();
    if (to.end !== 'open') return from.drop();
    to.put(alone(from.take(to.room)));
  }
};
