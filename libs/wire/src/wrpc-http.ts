// Names that wRPC calls carry, besides their subjects.

/** Headers of a call's first message. */
export const wrpcHeader = {
  /** Id of the caller. Providers find the caller's link configuration by it. */
  sourceId: 'source-id',
  /** Name of the link that the call uses; absent means `default`. */
  linkName: 'link-name',
  /** Id of the callee, as providers send it. */
  targetId: 'target-id',
  /**
   * Between parties of KasmCloud, others ignore it: the first message has all parameters, and the caller wants neither an
   * acceptance of the call nor the end of a result that it has whole.
   */
  whole: 'kasmcloud-whole',
} as const;

export const DEFAULT_LINK_NAME = 'default';

/** The interfaces that wasi:http becomes on the wire, each with its one function. */
export const wrpcHttp = {
  incoming: { instance: 'wrpc:http/incoming-handler@0.1.0', func: 'handle' },
  outgoing: { instance: 'wrpc:http/outgoing-handler@0.1.0', func: 'handle' },
} as const;
