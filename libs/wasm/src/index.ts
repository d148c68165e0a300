export { wasmAssets, wasmEntries, wasmScripts } from './bundle.ts';
export { entryUrl, type Entry } from './entry.ts';
export {
  ClosedError,
  ComponentError,
  DeadlineError,
  LinkError,
  OverloadedError,
  TrapError,
  WitError,
  WorkerLostError,
} from './error.ts';
export {
  inspectComponent,
  type ComponentInterfaces,
  type FunctionRef,
  type InterfaceRef,
  type NamedType,
} from './inspect.ts';
export { localInterface, parseInterfaceName, type InterfaceName } from './interface-name.ts';
export { prepareComponent, type PreparedComponent, type PrepareOptions } from './prepare/prepare.ts';
export { ComponentRuntime, type RuntimeOptions } from './runtime/component-runtime.ts';
export type { Answer, FarCaller, FarCallerModule, FarContext, OpenFarCaller } from './runtime/far-caller.ts';
export { ListenError } from './runtime/fronts.ts';
export type { HttpListener, HttpListenerOptions, HttpRoute } from './runtime/http-listener.ts';
export { isHopByHop } from './http/head.ts';
export type { ThreadTracing } from './runtime/thread.ts';
export { refusalFor, type Refusal } from './http/refusal.ts';
export type { RouteMatch } from './http/route.ts';
export type {
  CallLetter,
  CallOptions,
  ComponentLimits,
  Far,
  GuestLogEntry,
  HostFunctions,
  InvokeContext,
  ComponentUsage,
  LoadedComponent,
  LoadOptions,
  Near,
  StreamResult,
} from './runtime/types.ts';
export type { GuestLogLevel } from './worker/guest.ts';
export type { ClientTimeouts, Folder, Outcome } from './runtime/protocol.ts';
