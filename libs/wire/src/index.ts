export {
  componentDescription,
  ctlOk,
  decodeInventoryReply,
  decodePingReply,
  host,
  hostInventory,
  humanUptime,
  providerDescription,
  RUNTIME_LABEL,
  type ComponentDescription,
  type CtlResponse,
  type Host,
  type HostInventory,
  type ProviderDescription,
} from './control.ts';
export { SubjectError, WireError } from './error.ts';
export { decodeEvent, encodeEvent, type HostEvent, type HostEventName, type OtherEvent } from './events.ts';
export { clusterJob, clusterJobId, clusterQueue, latticeJob, placementJob, type ClusterJob } from './jobs.ts';
export {
  componentKey,
  componentSpec,
  configBucket,
  decodeComponentSpec,
  decodeConfig,
  latticeBucket,
  link,
  type ComponentSpec,
  type Link,
} from './kv.ts';
export { checkShape, decodeJson, encodeJson } from './payload.ts';
export {
  allEventsSubject,
  controlSubject,
  eventSubject,
  isInbox,
  parseWadmSubject,
  wadmSubject,
  wrpcFunctionName,
  wrpcQueue,
  wrpcSubject,
  type WadmRequestSubject,
} from './subjects.ts';
export {
  decodeVersionRequest,
  encodeWadmEvent,
  encodeWadmReply,
  encodeWadmStatus,
  wadmServerHeader,
  wadmStatus,
  type WadmErrorReply,
  type WadmFailure,
  type WadmModelSummary,
  type WadmReplies,
  type WadmReply,
  type WadmScalerStatus,
  type WadmStatus,
  type WadmStatusInfo,
  type WadmStatusType,
  type WadmVersion,
} from './wadm.ts';
export { DEFAULT_LINK_NAME, wrpcHeader, wrpcHttp } from './wrpc-http.ts';
