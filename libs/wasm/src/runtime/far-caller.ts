import type { TraceContext } from '@kasmcloud/wrpc';
import type { Outcome } from './protocol.ts';

/** Where threads find `openFarCaller`, and what they give to it. Plain data. */
export interface FarCallerModule {
  readonly url: string;
  readonly options: unknown;
}

export interface FarContext {
  /** Aborted when the guest's call ended before this one did. */
  readonly signal: AbortSignal;
  readonly trace: TraceContext | undefined;
}

/** What such a module opens in a thread. */
export interface FarCaller {
  /** Whether calls can be made now; those that cannot are made by the main thread. */
  readonly isReady: boolean;
  /** Does what `HostFunctions.invoke` would do for the import whose route this is. Its deadline is the signal's. */
  call(route: unknown, args: readonly unknown[], context: FarContext): Promise<Outcome>;
}

export type OpenFarCaller = (options: unknown) => Promise<FarCaller>;
