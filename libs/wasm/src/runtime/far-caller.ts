import type { FuncType, TraceContext } from '@kasmcloud/wrpc';
import type { Outcome } from './protocol.ts';

/** Where threads find `openFarCaller`, and what they give to it. Plain data. */
export interface FarCallerModule {
  readonly url: string;
  readonly options: unknown;
}

export interface FarCall {
  abort(reason: Error): void;
}

/** Calls while they run. */
export interface FarRunning {
  add(call: FarCall): void;
  delete(call: FarCall): void;
}

export interface FarContext {
  /** Of the guest's call: where each call is while it runs, to be aborted when that of the guest ends. */
  readonly running: FarRunning;
  readonly trace: TraceContext | undefined;
}

/** What such a module opens in a thread. */
export interface FarCaller {
  /** Whether calls can be made now; those that cannot are made by the main thread. */
  readonly isReady: boolean;
  /** Does what `HostFunctions.invoke` would do for the import whose route this is. Its deadline is that of the guest's call. */
  call(route: unknown, args: readonly unknown[], context: FarContext): Promise<Outcome>;
  /** Tells every change of `isReady`. */
  onReady(listener: (isReady: boolean) => void): void;
  /** The arguments of a call that came as a letter: see `LoadedComponent.answer`. @throws when they are not of that type */
  read(type: FuncType, letter: unknown): readonly unknown[];
  /** Answers it, soon. @throws when it cannot: the main thread is left to */
  answer(type: FuncType, letter: unknown, outcome: Answer): void;
  /** Has the answers leave with the microtasks that are queued by now. */
  flush(): void;
}

/** What calls are answered with; those that trap are not answered by the thread. */
export type Answer = Exclude<Outcome, { readonly kind: 'trap' }>;

export type OpenFarCaller = (options: unknown) => Promise<FarCaller>;
