// What the main thread and a worker say to each other. Everything here is structured-cloned.
import type { Fault, Sampling, SpanAttributes, SpanRecord } from '@kasmcloud/observe';
import type { HttpHeader, TraceContext } from '@kasmcloud/wrpc';
import type { Definition } from '../definition/definition.ts';
import type { RouteMatch } from '../http/route.ts';
import type { InterfaceRef } from '../inspect.ts';
import type { FarCallerModule } from './far-caller.ts';
import type { Far } from './types.ts';
import type { GuestLogLevel } from '../worker/guest.ts';

/** How many bytes of a body may be under way, sent and not yet taken by the other side. */
export const bodyWindow = 256 * 1024;

/** The largest chunk of a body in one message. */
export const maxChunk = 64 * 1024;

/** Stands for the call in messages about the body of a request that was passed on. */
export const passed = 0;

/** As which a worker asks for the folders of a component. */
export const PREOPENS = 'wasi:filesystem/preopens';

/** A folder of the host that a component may use. */
export interface Folder {
  /** On the host, absolute. */
  readonly path: string;
  /** What the component calls it. */
  readonly guestPath: string;
  readonly isReadOnly: boolean;
}

/** What instances are made of: see `prepare`. */
export type CompiledCode =
  | {
      readonly kind: 'linked';
      readonly definitions: readonly Definition[];
      readonly modules: readonly WebAssembly.Module[];
    }
  | {
      readonly kind: 'generated';
      readonly bindings: string;
      readonly modules: ReadonlyMap<string, WebAssembly.Module>;
    };

/** What components of the same bytes have in common. */
export interface Program {
  readonly code: CompiledCode;
  readonly imports: readonly InterfaceRef[];
  readonly exports: readonly InterfaceRef[];
}

export interface LoadJob {
  readonly component: number;
  readonly program: Program;
  readonly config: Readonly<Record<string, string>>;
  /** Whether the host sends requests for the component. */
  readonly sendsHttp: boolean;
  /** Lines of a lower level are dropped. */
  readonly logLevel: GuestLogLevel;
  /** See `slot-table.ts`. */
  readonly slots: Int32Array;
  /** See `tally.ts`. */
  readonly tally: Int32Array;
  /** See `memory-table.ts`. */
  readonly memory: Int32Array;
}

/** Of a program that the worker has, only the number of a component that is loaded there and has it too. */
export type SentJob = Omit<LoadJob, 'program'> & { readonly program: Program | number };

/** What a runtime worker is started with. */
export interface WorkerSetup {
  readonly claims: Int32Array;
  /** See `at-work.ts`. */
  readonly atWork: Int32Array;
  /** See `answered.ts`. */
  readonly answered: Int32Array;
  /** Its number among the workers. */
  readonly worker: number;
  /** See `ledger.ts`; of threads that listen. */
  readonly ledger: Int32Array;
  /** Whether the thread makes spans, and of which traces. */
  readonly sampling: Sampling | undefined;
  /** How it makes calls to other processes, if it does. */
  readonly farCaller: FarCallerModule | undefined;
  /** What another worker had compiled of their common program. */
  readonly code: Uint8Array | undefined;
}

/** Where a thread runs the requests of a route by itself. */
export interface Home {
  /** Number of the route. */
  readonly route: number;
  readonly component: number;
  /** The interface with the handler, as the component exports it. */
  readonly instance: string;
  /** The longest that a request may take, in milliseconds. */
  readonly limitMs: number;
}

export interface NumberedRoute {
  readonly number: number;
  readonly match: RouteMatch;
  /** What spans of its requests say besides. */
  readonly attributes?: SpanAttributes | undefined;
}

export interface RequestHead {
  readonly method: string;
  readonly pathWithQuery?: string | undefined;
  readonly scheme?: string | undefined;
  readonly authority?: string | undefined;
  readonly headers: readonly HttpHeader[];
}

/** A step of a body, in either direction. */
export type BodyPart =
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly trailers?: readonly HttpHeader[] | undefined }
  | { readonly kind: 'broken'; readonly reason: string };

/** What a call is to do. */
export type CallJob =
  | {
      readonly kind: 'function';
      readonly instance: string;
      readonly func: string;
      readonly args: readonly unknown[];
      readonly trace?: TraceContext | undefined;
    }
  /** A call that the thread's `FarCaller` reads, and answers. */
  | {
      readonly kind: 'letter';
      readonly instance: string;
      readonly func: string;
      readonly letter: unknown;
      readonly trace?: TraceContext | undefined;
    }
  /** Its context is in the headers. */
  | { readonly kind: 'http'; readonly instance: string; readonly head: RequestHead; readonly hasBody: boolean };

/** What every worker is told. */
export type ToLoop =
  /** `claim` as for a call. */
  | { readonly kind: 'load'; readonly job: SentJob; readonly claim: number | undefined }
  | { readonly kind: 'unload'; readonly component: number }
  | { readonly kind: 'config'; readonly component: number; readonly config: Readonly<Record<string, string>> }
  /** `claim` is the call's place in the worker's claims; without one, its start is told at once. */
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly claim: number | undefined;
      readonly component: number;
      readonly job: CallJob;
    }
  /** The caller is gone: the instance of that call must go too. Answered by `abandoned`. */
  | { readonly kind: 'abandon'; readonly call: number }
  /** Calls of that import can be made inside the worker: `target`, which is loaded there, exports it as `exported`. */
  | {
      readonly kind: 'near';
      readonly component: number;
      readonly instance: string;
      readonly func: string;
      readonly target: number;
      readonly exported: string;
      /** Of spans of such calls. */
      readonly attributes: SpanAttributes;
    }
  /** Calls of that import can be made by the worker's `FarCaller`. */
  | {
      readonly kind: 'far';
      readonly component: number;
      readonly instance: string;
      readonly func: string;
      readonly far: Far;
    }
  /** Letters would be given to the worker, could it answer them. Told by `answering` whenever that changes. */
  | { readonly kind: 'open-far'; readonly component: number }
  /** What was said of where imports are served may not be so any more. */
  | { readonly kind: 'forget-served'; readonly component: number }
  | { readonly kind: 'returned'; readonly invocation: number; readonly outcome: Outcome }
  | { readonly kind: 'request-body'; readonly call: number; readonly part: BodyPart }
  /** The reader took that many bytes of the response. */
  | { readonly kind: 'response-taken'; readonly call: number; readonly bytes: number }
  | { readonly kind: 'response-unwanted'; readonly call: number }
  /** What came of what the guest sent; the body follows. */
  | {
      readonly kind: 'answer';
      readonly call: number;
      readonly exchange: number;
      readonly outcome: Outcome;
      /** Why a request that was passed on failed. */
      readonly fault?: Fault | undefined;
    }
  | { readonly kind: 'answer-body'; readonly call: number; readonly exchange: number; readonly part: BodyPart }
  /** The reader took that many bytes of what the guest sends. */
  | { readonly kind: 'send-taken'; readonly call: number; readonly exchange: number; readonly bytes: number }
  | { readonly kind: 'send-unwanted'; readonly call: number; readonly exchange: number }
  /** So many spans were taken. */
  | { readonly kind: 'spans-taken'; readonly count: number }
  /** Answered by `spans`, with those that are there. */
  | { readonly kind: 'tell-spans' }
  /** Answered by `code`. */
  | { readonly kind: 'tell-code' };

/** What a worker that listens is told besides. */
export type ToFront =
  /** Listens; `isShared` when other threads listen on the same port. Answered by `listening` or `listen-failed`. */
  | {
      readonly kind: 'listen';
      readonly listener: number;
      readonly host: string;
      readonly port: number;
      readonly isShared: boolean;
      readonly routes: readonly NumberedRoute[];
    }
  | { readonly kind: 'routes'; readonly listener: number; readonly routes: readonly NumberedRoute[] }
  /** Answered by `unlistened`, when every connection is closed. */
  | { readonly kind: 'unlisten'; readonly listener: number }
  | { readonly kind: 'home'; readonly home: Home }
  /** Requests go to a component no more. Answered by `retired`, when those that it runs have ended. */
  | { readonly kind: 'retire'; readonly component: number };

export type ToWorker = ToLoop | ToFront;

export type FromLoop =
  | { readonly kind: 'loaded'; readonly component: number }
  | { readonly kind: 'load-failed'; readonly component: number; readonly reason: string }
  /** The guest is about to run: told where there is no claim to tell it, and where a body waits for it. */
  | { readonly kind: 'started'; readonly call: number }
  /** The worker came by a call, or a component to load, that had been revoked. */
  | { readonly kind: 'passed-over'; readonly claim: number }
  | { readonly kind: 'finished'; readonly call: number; readonly outcome: Outcome }
  | { readonly kind: 'abandoned'; readonly call: number }
  /** Whether the worker answers letters from now on. */
  | { readonly kind: 'answering'; readonly isReady: boolean }
  /** The main thread waits for what the worker noted in `answered`. */
  | { readonly kind: 'look' }
  /** A slot came free for which calls of the main thread wait. */
  | { readonly kind: 'slot-free'; readonly component: number }
  | {
      readonly kind: 'invoke';
      readonly invocation: number;
      readonly call: number;
      readonly instance: string;
      readonly func: string;
      readonly args: readonly unknown[];
    }
  /** An import that the worker served by itself failed. */
  | { readonly kind: 'import-failed'; readonly component: number; readonly what: string; readonly reason: string }
  /** The worker took that call by itself, and what its guest asks for is on its way. */
  | {
      readonly kind: 'adopt';
      readonly call: number;
      readonly component: number;
      readonly leftMs: number;
      readonly trace: TraceContext | undefined;
    }
  | {
      readonly kind: 'log';
      readonly component: number;
      /** The call in which it was logged; undefined for the component's start. */
      readonly from: number | undefined;
      /** Of a call that the main thread may not know. */
      readonly trace?: TraceContext | undefined;
      readonly level: GuestLogLevel;
      readonly context: string;
      readonly message: string;
    }
  | {
      readonly kind: 'response';
      readonly call: number;
      readonly head: ResponseHead;
      readonly parts: readonly BodyPart[];
    }
  | { readonly kind: 'response-body'; readonly call: number; readonly parts: readonly BodyPart[] }
  /** The guest took that many bytes of the request. */
  | { readonly kind: 'request-taken'; readonly call: number; readonly bytes: number }
  /** The guest sends something with a body. `exchange` names it within its call. */
  | {
      readonly kind: 'send';
      readonly call: number;
      readonly exchange: number;
      readonly request: SendRequest;
      readonly parts: readonly BodyPart[];
    }
  | {
      readonly kind: 'send-body';
      readonly call: number;
      readonly exchange: number;
      readonly parts: readonly BodyPart[];
    }
  /** The guest took that many bytes of the answer. */
  | { readonly kind: 'answer-taken'; readonly call: number; readonly exchange: number; readonly bytes: number }
  /** Spans that ended. Answered by `spans-taken`. */
  | { readonly kind: 'spans'; readonly spans: readonly SpanRecord[] }
  /** What it has compiled of its program, where that can be passed on. */
  | { readonly kind: 'code'; readonly code: Uint8Array | undefined };

/** What a worker that listens says besides. */
export type FromFront =
  | { readonly kind: 'listening'; readonly listener: number; readonly port: number }
  | { readonly kind: 'listen-failed'; readonly listener: number; readonly code: string }
  | { readonly kind: 'unlistened'; readonly listener: number }
  | { readonly kind: 'retired'; readonly component: number }
  /** The thread runs calls by itself, and its ledger is to be looked at. */
  | { readonly kind: 'busy' }
  /** A request that the thread does not run itself; `call` is `passed`. Its body follows. */
  | {
      readonly kind: 'pass';
      readonly call: number;
      readonly exchange: number;
      readonly listener: number;
      readonly head: RequestHead;
      readonly hasBody: boolean;
    }
  /** Its client is gone. */
  | { readonly kind: 'pass-left'; readonly exchange: number }
  /** A request that the thread ran itself failed. */
  | { readonly kind: 'request-failed'; readonly listener: number; readonly component: number; readonly reason: string };

export type FromWorker = FromLoop | FromFront;

const frontKinds: ReadonlySet<string> = new Set<FromFront['kind']>([
  'listening',
  'listen-failed',
  'unlistened',
  'retired',
  'busy',
  'pass',
  'pass-left',
  'request-failed',
]);

export const isFromFront = (message: FromWorker): message is FromFront => frontKinds.has(message.kind);

/** Nanoseconds. */
export interface ClientTimeouts {
  readonly connect: bigint | undefined;
  readonly firstByte: bigint | undefined;
  readonly betweenBytes: bigint | undefined;
}

export interface SendHead extends RequestHead {
  readonly timeouts: ClientTimeouts;
}

/** What a guest asks of the host with a body each way. The answer to the first two is a `ResponseHead`. */
export type SendRequest =
  /** A request for wasi:http/outgoing-handler. */
  | { readonly kind: 'http'; readonly head: SendHead }
  /** A request for the wasi:http/incoming-handler of another component. */
  | { readonly kind: 'handle'; readonly head: RequestHead }
  | { readonly kind: 'function'; readonly instance: string; readonly func: string; readonly args: readonly unknown[] };

export interface ResponseHead {
  readonly status: number;
  readonly headers: readonly HttpHeader[];
}

/** How a call or an import ended: a value, the error case of its `result`, or a trap. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly payload: unknown }
  | { readonly kind: 'trap'; readonly message: string };
