// Requests and replies of the wadm API, in the shapes that wash and other wadm clients exchange.
import { z } from 'zod';
import { decodeJson, encodeJson } from './payload.ts';

const word = z.string().max(2_048);

/** Which version of an application a request means: absent, null and an empty body mean no particular one. */
const versionRequest = z.object({ version: word.nullish() });

/**
 * The version that a get, delete or deploy request names; undefined when it names none.
 * @throws WireError
 */
export const decodeVersionRequest = (bytes: Uint8Array): string | undefined => {
  if (bytes.length === 0) return undefined;
  return decodeJson('version request', versionRequest, bytes).version ?? undefined;
};

export type WadmStatusType = 'waiting' | 'undeployed' | 'reconciling' | 'deployed' | 'failed' | 'unhealthy';

export interface WadmStatusInfo {
  readonly type: WadmStatusType;
  /** Left out when there is nothing to say. */
  readonly message?: string;
}

export interface WadmScalerStatus {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly status: WadmStatusInfo;
}

/** `version` and `components` are deprecated, but clients refuse a status without them. */
export interface WadmStatus {
  readonly status: WadmStatusInfo;
  readonly scalers?: readonly WadmScalerStatus[];
  readonly version: '';
  readonly components: readonly never[];
}

export const wadmStatus = (status: WadmStatusInfo, scalers: readonly WadmScalerStatus[] = []): WadmStatus => ({
  status,
  ...(scalers.length === 0 ? {} : { scalers }),
  version: '',
  components: [],
});

/** The JetStream key-value bucket in which a wadm of wasmCloud's own keeps the applications of all its lattices. */
export const wadmModelsBucket = 'wadm_manifests';

/** Key of the names of a lattice's applications. wadm's keys collide where a name has a dash: whoever reads must check. */
export const wadmIndexKey = (lattice: string): string => lattice;

export const wadmModelKey = (lattice: string, name: string): string => `${lattice}-${name}`;

const storedModel = z.object({
  manifests: z.record(word, z.looseObject({ metadata: z.looseObject({ name: word }) })),
  deployed_version: word.nullish(),
});
/** All versions of one application, the oldest first, and which is deployed. */
export type WadmStoredModel = z.infer<typeof storedModel>;

/** @throws WireError */
export const decodeWadmModel = (bytes: Uint8Array): WadmStoredModel => decodeJson('wadm model', storedModel, bytes);

/** @throws WireError */
export const decodeWadmIndex = (bytes: Uint8Array): string[] =>
  decodeJson('wadm index', z.array(word).max(100_000), bytes);

/** On every answer of ours: what tells it from that of a wadm which shares the subject. */
export const wadmServerHeader = 'Kasmcloud-Server';

/** One application in a list. `status` is deprecated and never says waiting. */
export interface WadmModelSummary {
  readonly name: string;
  /** The version put last. */
  readonly version: string;
  readonly description: string | null;
  readonly deployed_version: string | null;
  readonly detailed_status: WadmStatus;
  readonly status: Exclude<WadmStatusType, 'waiting'>;
  readonly status_message: string | null;
}

export interface WadmVersion {
  readonly version: string;
  readonly deployed: boolean;
}

interface Reply<Result extends string> {
  readonly result: Result;
  readonly message: string;
}

/** Refusals that belong to no operation. */
export type WadmErrorReply = Reply<'error'>;

/** One thing that validation found, as wadm's own library words it. */
export interface WadmFailure {
  readonly level: 'Error' | 'Warning';
  readonly msg: string;
  /** Ours: `spec.components[0].name`, and where that stands in the manifest, counted from 1. */
  readonly field?: string;
  readonly line?: number;
  readonly column?: number;
}

export interface WadmReplies {
  readonly put: Reply<'error' | 'created' | 'newversion'> & {
    readonly total_versions: number;
    readonly current_version: string;
    readonly name: string;
    /** Ours: everything that validation found. wadm tells the first error only; its clients pass over the field. */
    readonly failures?: readonly WadmFailure[];
  };
  readonly get: Reply<'error' | 'success' | 'notfound'> & { readonly manifest?: object };
  readonly list: Reply<'error' | 'success' | 'notfound'> & { readonly models: readonly WadmModelSummary[] };
  readonly versions: Reply<'error' | 'success' | 'notfound'> & { readonly versions: readonly WadmVersion[] };
  readonly del: Reply<'error' | 'deleted' | 'noop'> & { readonly undeploy: boolean };
  /** Of undeploy too; then `version` is null. */
  readonly deploy: Reply<'error' | 'acknowledged' | 'notfound'> & {
    readonly name: string;
    readonly version: string | null;
  };
  readonly status: Reply<'error' | 'ok' | 'notfound'> & { readonly status?: WadmStatus };
}

/** The deprecated `model.list` answers with the bare list. */
export type WadmReply = WadmReplies[keyof WadmReplies] | WadmErrorReply | readonly WadmModelSummary[];

export const encodeWadmReply = (reply: WadmReply): Uint8Array => encodeJson(reply);

export const encodeWadmStatus = (status: WadmStatus): Uint8Array => encodeJson(status);

/**
 * The event that tells of a deployed or undeployed application.
 * @param event `data` is the whole manifest, or the application's name; `id` is unique; `time` is RFC 3339, UTC
 */
export const encodeWadmEvent = (
  event: { readonly id: string; readonly time: string } & (
    | { readonly name: 'manifest_published'; readonly data: object }
    | { readonly name: 'manifest_unpublished'; readonly data: { readonly name: string } }
  ),
): Uint8Array =>
  encodeJson({
    specversion: '1.0',
    id: event.id,
    type: `com.wadm.${event.name}`,
    source: 'wadm',
    datacontenttype: 'application/json',
    time: event.time,
    data: event.data,
  });
