import type { Client, ServedInterface, WitInterface } from './interface.ts';
import type { Link, LinkHandlers, Secrets } from './link.ts';

export type Config = Readonly<Record<string, string>>;

export interface Health {
  readonly healthy: boolean;
  /** For people who ask why. */
  readonly message?: string;
}

/** What a provider does. All but `linkAdded` is first called after `startProvider` has resolved. */
export interface ProviderOptions extends LinkHandlers {
  /** What this provider serves to those who are linked to it; see `serves`. */
  readonly serves?: readonly ServedInterface[];
  /** Called with the whole config after it has changed. */
  readonly configChanged?: (config: Config) => void | Promise<void>;
  /** How the provider does. Default: well. What it throws is the message of an unhealthy one. */
  readonly health?: () => Health | Promise<Health>;
  /** Called when the provider is to stop, after the last call has ended. */
  readonly stopping?: () => void | Promise<void>;
  /** Faults that no caller can be told. Default: written to standard error. */
  readonly onError?: (error: unknown) => void;
  /** Whether the process ends with the provider. Default: true. */
  readonly exit?: boolean;
}

export interface CallOptions {
  /** In milliseconds. Default: what the host says. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Headers over those of the provider, such as `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** This program, as a provider in a lattice. */
export interface Provider {
  readonly id: string;
  readonly lattice: string;
  readonly hostId: string;
  /** As they were when the provider was started. */
  readonly secrets: Secrets;
  /** As it is now. */
  readonly config: Config;
  readonly links: readonly Link[];
  /** Resolves when the provider has stopped. */
  readonly stopped: Promise<void>;
  /**
   * An interface of whoever this provider is linked to as its source. `peer` is needed where there are several.
   * A function rejects with `WitError` for the error case of its result, with `NotLinkedError`, and with what the transport
   * throws.
   */
  client<T>(definition: WitInterface<T>, peer?: string, options?: CallOptions): Client<T>;
  /** Ends the provider: no new calls; those under way may end. */
  stop(): Promise<void>;
}
