import type { SendRequest } from '../runtime/protocol.ts';
import type { BodySender } from './body.ts';
import type { Gate } from './gate.ts';
import type { Sending } from './sending.ts';

/** `wasi:logging` level. */
export type GuestLogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'critical';

/** What the host functions of one instance know of it. */
export interface Guest {
  readonly gate: Gate;
  /** Whether the main thread sends requests. */
  readonly sendsHttp: boolean;
  /** Not while it starts: then it has no caller. */
  readonly isInCall: boolean;
  /** The component's config as it is now. */
  config(): ReadonlyMap<string, string>;
  log(level: GuestLogLevel, context: string, message: string): void;
  /** Has the main thread serve a request, with what the guest writes to `body`. */
  send(request: SendRequest, body: BodySender): Sending;
  /** Asks whoever serves the import, in the main thread or near by; rejects with `WitError` for the error case of a `result`. */
  invoke(instance: string, func: string, args: readonly unknown[]): Promise<unknown>;
}
