import type { SpanAttributes, SpanStart } from '@kasmcloud/observe';
import { traceContextIn, type TraceContext } from '@kasmcloud/wrpc';
import type { WrpcAddress } from './invoke.ts';
import type { CallContext } from './serve.ts';

/*
 * What the spans of calls say. `rpc.*` is OpenTelemetry's own (https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/);
 * what it has no name for is under `kasmcloud.`.
 */

/** A call between two of a lattice. */
export interface SpannedCall {
  readonly lattice: string;
  /** Id of the caller, when it is known. */
  readonly source?: string | undefined;
  readonly target: string;
  readonly linkName?: string | undefined;
  /** WIT interface with its version; empty for a function of the world itself. */
  readonly instance: string;
  readonly func: string;
}

/** The parties of a call, without what is called. */
export const parties = ({
  lattice,
  source,
  target,
  linkName,
}: Omit<SpannedCall, 'instance' | 'func'>): SpanAttributes => ({
  'kasmcloud.lattice': lattice,
  'kasmcloud.source': source,
  'kasmcloud.target': target,
  'kasmcloud.link': linkName,
});

/** The span of a call; `kind` is `internal` where it does not leave the process. */
export const callSpan = (
  kind: 'client' | 'server' | 'internal',
  call: SpannedCall,
  parent: TraceContext | undefined,
): SpanStart => {
  const { instance, func } = call;
  const name = instance === '' ? func : `${instance}/${func}`;
  return {
    name,
    kind,
    parent,
    attributes: () => ({
      ...parties(call),
      'rpc.system.name': kind === 'internal' ? undefined : 'wrpc',
      'rpc.method': name,
      'kasmcloud.interface': instance === '' ? undefined : instance,
      'kasmcloud.function': func,
    }),
  };
};

/** The span of answering a call that came over the lattice. */
export const serverSpan = (
  address: WrpcAddress,
  { sourceId: source, linkName, header }: Pick<CallContext, 'sourceId' | 'linkName' | 'header'>,
): SpanStart => callSpan('server', { ...address, source, linkName }, traceContextIn(header));
