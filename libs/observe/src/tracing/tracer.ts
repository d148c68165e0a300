import type { TraceContext } from '@kasmcloud/wrpc';

/** As OpenTelemetry's attributes, as far as they are used here. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal' | 'producer' | 'consumer';
  /** What caused it; without one, a trace begins. */
  readonly parent: TraceContext | undefined;
  /** Asked for where the span is recorded, which it mostly is not. */
  readonly attributes: () => SpanAttributes;
}

/** Why something failed: `type` is a word of a bounded set, for OpenTelemetry's `error.type`. */
export interface Fault {
  readonly type: string;
  readonly message?: string;
}

/** Something that takes time, from its beginning until `end`. */
export interface Span {
  /** Whether anybody will see it. */
  readonly isRecorded: boolean;
  /** What callees are told. */
  readonly trace: TraceContext | undefined;
  set(attributes: SpanAttributes): void;
  /** Only the first fault counts. */
  fail(fault: Fault): void;
  end(): void;
}

export interface Tracer {
  begin(start: SpanStart): Span;
  /** Runs `act` in a span, which ends with it; what it rejects with is the span's fault. */
  run<T>(start: SpanStart, act: (trace: TraceContext | undefined, span: Span) => Promise<T>): Promise<T>;
}

/** Makes no spans, and passes contexts on as they came. */
export const noTracer: Tracer = {
  begin: ({ parent }) => passing(parent),
  run: ({ parent }, act) => act(parent, passing(parent)),
};

const nothing = (): void => undefined;

const passing = (trace: TraceContext | undefined): Span => ({
  isRecorded: false,
  trace,
  set: nothing,
  fail: nothing,
  end: nothing,
});

/** What an error is to a span. */
export const faultOf = (error: unknown): Fault =>
  error instanceof Error ? { type: error.name, message: error.message } : { type: '_OTHER', message: String(error) };
