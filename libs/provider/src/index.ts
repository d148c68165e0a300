export type { CallOptions, Config, Health, Provider, ProviderOptions } from './api.ts';
export { NotLinkedError, NotStartedByHostError, WitError } from './error.ts';
export {
  serves,
  type Call,
  type Client,
  type Implementation,
  type ServedInterface,
  type WitFunction,
  type WitInterface,
} from './interface.ts';
export type { Link, LinkHandlers, Secrets } from './link.ts';
export { startProvider } from './start.ts';
export type { FuncType, TraceContext, WitType } from '@kasmcloud/wrpc';
