import type { SpanAttributes } from '@kasmcloud/observe';
import type { HttpRequest, HttpResponse, ReceivedHttp, TraceContext } from '@kasmcloud/wrpc';
import type { InterfaceRef } from '../inspect.ts';
import type { ClientTimeouts, Folder } from './protocol.ts';
import type { Answer } from './far-caller.ts';
import type { Tally } from './tally.ts';
import type { GuestLogLevel } from '../worker/guest.ts';

export interface GuestLogEntry {
  /** Names the call in which it was logged, among those of the runtime; undefined for the component's start. */
  readonly call: string | undefined;
  /** In which trace. */
  readonly trace: TraceContext | undefined;
  readonly level: GuestLogLevel;
  /** As the guest gave it; `stdout` and `stderr` for what it printed. */
  readonly context: string;
  readonly message: string;
}

export interface InvokeContext {
  /** Names the running call of the guest: the same for all that it invokes until it returns. */
  readonly call: number;
  /** How much of the guest's own time is left. */
  readonly deadlineMs: number;
  /** Aborted when the guest's call ended before the invocation did. */
  readonly signal: AbortSignal;
  /** In which trace the guest runs. */
  readonly trace: TraceContext | undefined;
}

/** What another component of this process serves. */
export interface Near {
  readonly component: LoadedComponent;
  /** The interface as that one exports it. */
  readonly instance: string;
  /** Of spans of such calls. */
  readonly attributes: SpanAttributes;
}

/** What another process serves. */
export interface Far {
  /** For `FarCaller.call`. Plain data. */
  readonly route: unknown;
  readonly spanName: string;
  /** Of spans of such calls. */
  readonly attributes: SpanAttributes;
}

/** What a component is linked to: served in the main thread. WASI, wasi:config and wasi:logging need nothing of it. */
export interface HostFunctions {
  /** Whether imports of that interface, such as `wasi:keyvalue/store@0.2.0-draft`, are served. Asked when it is loaded. */
  provides(instance: string): boolean;
  /**
   * Serves one call of an import. Values are as the generated bindings have them: camelCase record fields, `{tag, val}`
   * variants, kebab-case enums, `undefined` for none, bigint for 64 bits, `Uint8Array` for `list<u8>`. For `result<T, E>`
   * it resolves with T and rejects with `WitError` of E. Any other rejection traps the guest.
   *
   * A resource is what the host makes of it: a function that returns one resolves with any clonable value, and gets that
   * value wherever the guest passes the resource (a method has it first). One that the guest constructs stands for the
   * list of the constructor's arguments. Drops are not told.
   */
  invoke(instance: string, func: string, args: readonly unknown[], context: InvokeContext): Promise<unknown>;
  /**
   * Names the component of this process that `invoke` would call for an import, if it would: such calls may then be made
   * without asking again, until `forgetNear`.
   */
  near?(instance: string, func: string): Near | undefined;
  /** The same of another process, where the runtime has a `farCaller`: its threads then make such calls by themselves. */
  far?(instance: string, func: string): Far | undefined;
  /**
   * Sends a request that the guest gives to wasi:http/outgoing-handler. Bodies are streams, both ways, and go on after it
   * resolved; all of it is over when the signal aborts. `WitError` of an error-code is what the guest sees, any other
   * rejection is `internal-error`. Where it is missing, requests are denied.
   */
  sendHttp?(request: HttpRequest, timeouts: ClientTimeouts, context: InvokeContext): Promise<HttpResponse>;
  /**
   * Gives a request to the component that serves the guest's import of wasi:http/incoming-handler. As `sendHttp`.
   */
  handleHttp?(request: HttpRequest, context: InvokeContext): Promise<HttpResponse>;
  /**
   * Serves a call that has a body each way, of an interface of which the workers implement the rest: wasi:blobstore, as calls
   * of wrpc:blobstore/blobstore@0.2.0. `body` is what the guest writes, if anything: reading it gives the guest room for more.
   * Resolves with the value and the body that the guest reads; object names are lines of JSON there. As `invoke` otherwise.
   */
  stream?(
    instance: string,
    func: string,
    args: readonly unknown[],
    body: AsyncIterable<Uint8Array>,
    context: InvokeContext,
  ): Promise<StreamResult>;
  /** The folders that the component may use now; asked once by most. None where it is missing. */
  folders?(context: InvokeContext): Promise<readonly Folder[]>;
  log(entry: GuestLogEntry): void;
}

export interface StreamResult {
  readonly value?: unknown;
  readonly body?: AsyncIterable<Uint8Array> | undefined;
}

export interface ComponentLimits {
  /** The most that each memory of an instance can grow to. */
  readonly memoryBytes: number;
  /** The longest that a call may take, whatever its caller allows. */
  readonly executionMs: number;
  /** How many calls may wait for an instance. Default 1000. */
  readonly queue?: number;
}

export interface LoadOptions {
  /** What errors and log lines call the component. */
  readonly name: string;
  /** How many calls may run at once, over all workers. */
  readonly instances: number;
  readonly limits: ComponentLimits;
  readonly config: Readonly<Record<string, string>>;
  readonly host: HostFunctions;
  /** `sha256:…` of the component's bytes, where it is known already. */
  readonly digest?: string;
  /** The least level that is passed to `host.log`. Default `trace`. */
  readonly logLevel?: GuestLogLevel;
}

export interface CallOptions {
  /** Default, and at most, `limits.executionMs`. Waiting for an instance counts. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** In which trace. That of a request is in its headers. */
  readonly trace?: TraceContext | undefined;
}

/** A call that a thread of the runtime may read, and answer, by itself: with the `farCaller`. */
export interface CallLetter {
  /** For `FarCaller.read` and `FarCaller.answer`. Plain data. */
  readonly content: unknown;
  /** The arguments, where no thread can read them. */
  readonly read: () => readonly unknown[];
  readonly trace: TraceContext | undefined;
}

/** What a component did, and is at. */
export interface ComponentUsage extends Tally {
  /** How many calls may run at once, how many do, and how many wait for that. */
  readonly instances: number;
  readonly running: number;
  readonly waiting: number;
  /** Of the linear memories of its instances, those that wait for their next call among them. */
  readonly memoryBytes: number;
}

export interface LoadedComponent {
  /** What `HostFunctions.near` said of this component's imports may have changed. */
  forgetNear(): void;
  /** `sha256:…` of its bytes. */
  readonly digest: string;
  readonly imports: readonly InterfaceRef[];
  readonly exports: readonly InterfaceRef[];
  /** Calls that run or wait. */
  readonly inFlight: number;
  readonly usage: ComponentUsage;
  /**
   * Calls an exported function. `instance` is empty for a function of the world itself.
   * @throws WitError for the error case of its result; TrapError, DeadlineError, OverloadedError, ClosedError;
   * ComponentError when there is no such function, or it has handles or streams; the signal's reason.
   */
  call(instance: string, func: string, args: readonly unknown[], options?: CallOptions): Promise<unknown>;
  /** Whether `answer` has its calls answered by threads: where there is a `farCaller`, and no spans are made. */
  readonly takesLetters: boolean;
  /**
   * Calls an exported function for whoever sent a letter. Resolves with undefined when a thread has answered it, and with what
   * there is to answer when that is left to the caller. @throws as `call`, but for WitError, and what `read` throws
   */
  answer(instance: string, func: string, letter: CallLetter): Promise<Answer | undefined>;
  /**
   * Gives a request to wasi:http/incoming-handler. Resolves with the head of the response; its body follows as the guest
   * writes it, and fails with what ended the guest before.
   * @throws as `call`; WitError carries a wasi:http error-code.
   */
  handleHttp(request: HttpRequest, options?: CallOptions): Promise<ReceivedHttp<HttpResponse>>;
  /** Calls that start from now on see this config. */
  updateConfig(config: Readonly<Record<string, string>>): void;
  /** Changes how many calls may run at once. */
  resize(instances: number): void;
  /** Takes no more calls, and resolves when those that run and wait have ended. */
  drain(): Promise<void>;
  /** Takes no more calls, and ends those that run. */
  close(): void;
}
