export { retryOnConflict } from './conflict.ts';
export { KubeClient } from './client.ts';
export type {
  AnyObject,
  ApplyOptions,
  CallOptions,
  ClientOptions,
  DeleteOptions,
  Draft,
  Listed,
  ListOptions,
  Parser,
  PatchOptions,
  ReadOptions,
  Selection,
  WatchOptions,
  WriteOptions,
} from './client-options.ts';
export {
  AlreadyExistsError,
  ConflictError,
  ForbiddenError,
  GoneError,
  InvalidError,
  KubeError,
  NotFoundError,
  UnreachableError,
  type Refusal,
  type StatusCause,
  type StatusDetails,
} from './errors.ts';
export { KubeconfigError, loadKubeconfig, UnsafeKubeconfigError, type KubeconfigSource } from './kubeconfig.ts';
export type { Subresource } from './resource-path.ts';
export type { CredentialPlugin, Credentials, Impersonation, KubeTarget } from './target.ts';
export type { WatchEvent } from './watch.ts';
export {
  Store,
  withoutManagedFields,
  type ChangeHandler,
  type ReachabilityHandler,
  type StoreOptions,
} from './store.ts';
export type { Index, IndexKeys } from './store-index.ts';
export { EventRecorder, type EventFact, type EventRecorderOptions } from './event-recorder.ts';
export { runLeaderElection, type LeaderElectionOptions, type Leadership } from './leader-election.ts';
export { leaseState, LeaseWatcher, microTime, type Lease, type LeaseSpec, type LeaseState } from './lease.ts';
export { renewLease, type LeaseRenewerOptions } from './lease-renewer.ts';
export { readToken, requestToken, type Account, type AccountToken, type TokenClaims } from './account-token.ts';
export { checkMember, type MemberCheck, type MemberProblem, type MemberProblemReason } from './member-check.ts';
export {
  joinCluster,
  MembershipError,
  setClusterUse,
  withdraw,
  type ClusterUse,
  type Joining,
  type MembershipOptions,
} from './membership.ts';
export { secretRefusal } from './secret-review.ts';
export { updateStatus, type StatusUpdate, type WithConditions } from './status.ts';
export {
  seededAnswers,
  type HollowAnswer,
  type HollowAnswers,
  type HollowOdds,
  type HollowStart,
} from './hollow/answers.ts';
export { HollowHosts, type HollowHostsOptions } from './hollow/hollow-hosts.ts';
