import type { TraceContext } from '@kasmcloud/wrpc';
import type { Sampling } from './settings.ts';
import type { Span } from './tracer.ts';

/** What is recorded is decided here, before a span is made: most requests are not, and are to cost as if there were no traces. */

const form = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})/;
const SAMPLED = 1;

/** Whether a trace goes on to be recorded, or begins to be; `parent` is what caused it. */
export const isSampled = ({ kind, ratio, isParentBased }: Sampling, parent: TraceContext | undefined): boolean => {
  const [, traceId, , flags] = partsOf(parent);
  if (isParentBased && flags !== undefined) return (Number.parseInt(flags, 16) & SAMPLED) !== 0;
  if (kind !== 'traceidratio') return kind === 'always_on';
  return (traceId === undefined ? Math.random() : shareOf(traceId)) < ratio;
};

/** Where a trace lies between 0 and 1, the same for all who decide by it, as OpenTelemetry's SDK for JavaScript has it. */
const shareOf = (traceId: string): number => {
  let folded = 0;
  for (let at = 0; at < traceId.length; at += 8) folded ^= Number.parseInt(traceId.slice(at, at + 8), 16);
  return (folded >>> 0) / 0xffff_ffff;
};

const partsOf = (context: TraceContext | undefined): readonly (string | undefined)[] =>
  context === undefined ? [] : (form.exec(context.traceparent) ?? []);

/** In the place of a span that is not recorded. */
export class UnrecordedSpan implements Span {
  readonly isRecorded = false;
  readonly #parent: TraceContext | undefined;
  #trace: TraceContext | undefined;

  constructor(parent: TraceContext | undefined) {
    this.#parent = parent;
  }

  /** Callees are told not to record either; made when there are any. */
  get trace(): TraceContext {
    this.#trace ??= unsampled(this.#parent);
    return this.#trace;
  }

  set(): void {}

  fail(): void {}

  end(): void {}
}

const unsampled = (parent: TraceContext | undefined): TraceContext => {
  const [, traceId, spanId, flags] = partsOf(parent);
  if (parent === undefined || traceId === undefined) return { traceparent: `00-${randomHex(4)}-${randomHex(2)}-00` };
  if (flags === '00') return parent;
  return { ...parent, traceparent: `00-${traceId}-${spanId}-00` };
};

/** Numbers of 32 bits; none is 0, as an id may not be. */
const randomHex = (words: number): string => {
  let text = '';
  for (let word = 0; word < words; word++) {
    text += Math.floor(1 + Math.random() * 0xffff_ffff)
      .toString(16)
      .padStart(8, '0');
  }
  return text;
};
