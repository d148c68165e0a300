import type { Logger } from '@kasmcloud/observe';
import type { FastifyInstance } from 'fastify';
import { apiVersionOf } from '@kasmcloud/kube-api';
import { admissionOf } from './admission.ts';

const reads: readonly string[] = ['get', 'list'];

/** One line for every write that somebody known asked for: who, what, on which object, and what became of it. */
export function auditWrites(server: FastifyInstance, log: Logger): void {
  server.addHook('onResponse', (request, reply, done) => {
    const admission = admissionOf(request);
    if (admission !== undefined && !reads.includes(admission.right.verb)) {
      const { verb, kind, namespace, name } = admission.right;
      const object = [apiVersionOf(kind), kind.kind, namespace ?? '', name ?? ''].join('/');
      log.info(
        {
          audit: true,
          user: admission.caller.user.user,
          verb,
          object,
          path: request.url.split('?', 1)[0],
          method: request.method,
          outcome: reply.statusCode,
        },
        'audit',
      );
    }
    done();
  });
}
