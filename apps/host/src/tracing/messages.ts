import { parties, type SpannedCall } from '@kasmcloud/lattice';
import type { SpanStart } from '@kasmcloud/observe';
import type { TraceContext } from '@kasmcloud/wrpc';

/**
 * The span of a message that an actor publishes, asks with, or is given:
 * https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export const messageSpan = (
  kind: 'producer' | 'client' | 'consumer',
  subject: string,
  call: Omit<SpannedCall, 'instance' | 'func'>,
  parent: TraceContext | undefined,
): SpanStart => {
  const operation = kind === 'consumer' ? 'process' : 'send';
  return {
    name: `${operation} ${subject}`,
    kind,
    parent,
    attributes: () => ({
      ...parties(call),
      'messaging.system': 'nats',
      'messaging.operation.name': operation,
      'messaging.operation.type': operation,
      'messaging.destination.name': subject,
    }),
  };
};
