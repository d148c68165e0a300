export { NotStartedByHostError } from './host-data.ts';
export {
  serves,
  WitError,
  type Call,
  type Client,
  type Implementation,
  type ServedInterface,
  type WitFunction,
  type WitInterface,
} from './interface.ts';
export type { Link, LinkHandlers, Secrets } from './links.ts';
export {
  NotLinkedError,
  startProvider,
  type CallOptions,
  type Config,
  type Health,
  type Provider,
  type ProviderOptions,
} from './provider.ts';
export type { FuncType, WitType } from '@kasmcloud/wrpc';
