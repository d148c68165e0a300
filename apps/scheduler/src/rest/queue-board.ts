import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { WasmCloudPlacement } from '@kasmcloud/kube-api';
import type { BoardQueue } from '@kasmcloud/jobs';
import type { FastifyInstance } from 'fastify';
import type { Gate } from '../access/gate.ts';
import { BOARD_PATH } from './board-path.ts';
import { answerTo } from './error.filter.ts';

/** A request of the board may take so long. */
const DEADLINE_MS = 10_000;

export interface QueueBoardOptions {
  readonly gate: Pick<Gate, 'identify' | 'require'>;
  /** The queues that there are now. */
  readonly queues: () => readonly BoardQueue[];
}

/**
 * bull-board over the write queues, to look at only: what is to be done is derived from Placements. It lets in whoever may
 * list those on the hub; a browser sends the token as the password of HTTP basic authentication.
 */
export async function mountQueueBoard(server: FastifyInstance, { gate, queues }: QueueBoardOptions): Promise<void> {
  const adapter = new FastifyAdapter().setBasePath(BOARD_PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'KasmCloud' } },
  });
  let shown = '';
  const follow = (): void => {
    const now = queues();
    const names = now.map(({ name }) => name).join();
    if (names === shown) return;
    shown = names;
    board.replaceQueues(now.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })));
  };
  await server.register(
    async (own) => {
      own.addHook('onRequest', async (request, reply) => {
        try {
          const signal = AbortSignal.timeout(DEADLINE_MS);
          const caller = await gate.identify(bearerOf(request.headers.authorization), request.ip, signal);
          await gate.require(caller, { verb: 'list', kind: WasmCloudPlacement }, signal);
        } catch (error) {
          const { status, message, headers } = answerTo(error);
          const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="kasmcloud: any user, a token"' } : {};
          return reply
            .code(status)
            .headers({ ...headers, ...challenge })
            .send({ statusCode: status, message });
        }
        follow();
        return undefined;
      });
      await own.register(adapter.registerPlugin());
    },
    { prefix: BOARD_PATH },
  );
}

/** Basic authentication with a token for its password, as a bearer token. */
function bearerOf(authorization: string | undefined): string | undefined {
  const pair = /^Basic +(.+)$/i.exec(authorization ?? '')?.[1];
  if (pair === undefined) return authorization;
  const text = Buffer.from(pair, 'base64').toString('utf8');
  return `Bearer ${text.slice(text.indexOf(':') + 1)}`;
}
