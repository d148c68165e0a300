/** An event on the lattice: the last part of its type, and its data. Its source is the host that was asked. */
export interface ToldEvent {
  readonly name: string;
  readonly data: unknown;
}

/** What a request comes to. `…` ends a text of which only the beginning counts, and alone stands for any value. */
export interface Outcome {
  /** The envelope, or null where nobody answers. */
  readonly reply: unknown;
  /** Every event that follows, in whatever order; heartbeats and health aside. */
  readonly tells?: readonly ToldEvent[];
  /** By `<bucket>/<key>`, what a bucket of the lattice holds then; null for nothing. */
  readonly keeps?: Readonly<Record<string, unknown>>;
}

/** A request of the control interface, and what comes of it. Names in braces, as `{host}`, are the party's. */
export interface ControlExchange extends Outcome {
  /** What follows the lattice in the subject. */
  readonly ask: string;
  /** A text is sent as it is, another value as JSON, and nothing when there is none. */
  readonly body?: unknown;
  /** Another than the one that the host is in. */
  readonly lattice?: string;
  /** Where a wasmCloud 1.9 host does otherwise: what, and why we do not. Missing parts are the same. */
  readonly wasmcloud?: Partial<Outcome> & { readonly because: string };
}

export interface ControlScenario {
  readonly name: string;
  /** One after the other; what a scenario starts or puts it takes away again. */
  readonly exchanges: readonly ControlExchange[];
}

export const done = (message = ''): object => ({ success: true, message });
export const answer = (response: unknown): object => ({ success: true, message: '', response });
export const refused = (message: string): object => ({ success: false, message });

/** What every answer of a host says of itself. */
export const about = (labels: object | '…'): object => ({
  friendly_name: '…',
  labels,
  uptime_human: '…',
  uptime_seconds: '…',
  version: '…',
});

interface Inventory {
  readonly labels?: object;
  readonly components?: readonly object[];
  readonly providers?: readonly object[];
}
/** A host, and what it runs: nothing but what is told. */
export const inventory = ({ labels, components = [], providers = [] }: Inventory): object =>
  answer({ host_id: '{host}', components, providers, ...about(labels ?? '…') });

/** A payload that is not what the subject asks for; `theirs` where wasmCloud reads it all the same. */
export const unreadable = (what: string, theirs?: Partial<Outcome>): Pick<ControlExchange, 'reply' | 'wasmcloud'> => ({
  reply: refused(`failed to deserialize ${what}: …`),
  wasmcloud:
    theirs === undefined
      ? { reply: refused(`failed to deserialize ${what}`), because: 'the field that is wrong is told' }
      : { ...theirs, because: 'what must be there is not taken for empty' },
});
