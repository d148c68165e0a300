export { Bucket, findBucket, openBucket, type BucketEntry, type BucketOptions } from './bucket.ts';
export { connectLattice, type LatticeCredentials, type LatticeOptions } from './connect.ts';
export { LatticeConnection, type LatticeMessage, type LatticeStatus, type LatticeSubscription } from './connection.ts';
export type { Deadline } from './deadline.ts';
export {
  NoRespondersError,
  NotConnectedError,
  PeerProtocolError,
  PeerTrapError,
  RequestTimeoutError,
  RevisionConflictError,
  StreamOverflowError,
  WrpcTimeoutError,
} from './error.ts';
export type { Headers } from './headers.ts';
export { createHostKey, HostKeyError, hostKeyFromSeed, type HostKey } from './host-key.ts';
export { HttpCodeError, invokeHttp, serveHttp, type HttpAddress, type HttpHandler } from './http.ts';
export { answerLetter, canBeLetter, readLetter, type Letter } from './letter.ts';
export { liveConsumers, type LiveConsumer } from './live-consumers.ts';
export { invoke, type InvokeOptions, type WrpcAddress } from './invoke.ts';
export {
  hostDataOf,
  providerWish,
  sealedLink,
  type ProviderPlace,
  type ProviderWish,
  type SealingKeys,
  type WishedLink,
  type WishSources,
} from './provider-data.ts';
export { callSpan, parties, serverSpan, type SpannedCall } from './spans.ts';
export {
  serve,
  type CallContext,
  type CallHandler,
  type Relay,
  type ServedFunction,
  type ServeOptions,
} from './serve.ts';
export { findWadm, type WadmPresence } from './wadm-presence.ts';
export { createXKey, publicXKey, seal, unseal, XKeyError, type XKey } from './xkey.ts';
export {
  CorruptObjectError,
  ObjectBucket,
  ObjectStores,
  type ObjectInfo,
  type ObjectStoresOptions,
} from './object-store.ts';
