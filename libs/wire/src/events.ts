// What hosts publish: CloudEvents 1.0 in structured JSON, as wasmCloud 1.x and wadm exchange them.
import { z } from 'zod';
import { hostInventory } from './control.ts';
import { count, stringMap, word, words } from './field.ts';
import { link } from './kv.ts';
import { checkShape, decodeJson, encodeJson } from './payload.ts';

const TYPE_PREFIX = 'com.wasmcloud.lattice.';

const component = {
  annotations: stringMap.default({}),
  host_id: word.default(''),
  image_ref: word,
  max_instances: count,
  component_id: word,
};
const health = z.object({ host_id: word.default(''), provider_id: word });
/** Chains of causes grow long. */
const cause = z.string().max(100_000);

/** The data of each event that KasmCloud sends or reads, by the last part of its type. */
const eventData = {
  host_started: z.object({
    friendly_name: word.default(''),
    labels: stringMap,
    uptime_seconds: count.default(0),
    version: word.default(''),
  }),
  host_heartbeat: hostInventory,
  host_stopped: z.object({ labels: stringMap }),
  component_scaled: z.object(component),
  component_scale_failed: z.object({ ...component, error: cause }),
  provider_started: z.object({
    host_id: word.default(''),
    image_ref: word,
    provider_id: word,
    annotations: stringMap.default({}),
  }),
  provider_stopped: z.object({
    host_id: word.default(''),
    provider_id: word,
    annotations: stringMap.default({}),
    reason: word.default(''),
  }),
  provider_start_failed: z.object({
    host_id: word.default(''),
    provider_ref: word.default(''),
    provider_id: word,
    error: cause,
  }),
  health_check_passed: health,
  health_check_failed: health,
  health_check_status: health,
  linkdef_set: link,
  linkdef_set_failed: link.extend({ error: cause }),
  linkdef_deleted: z.object({
    source_id: word,
    name: word.default('default'),
    wit_namespace: word,
    wit_package: word,
    /** These two only when the link was there. */
    target: word.optional(),
    interfaces: words.optional(),
  }),
  config_set: z.object({ config_name: word }),
  config_deleted: z.object({ config_name: word }),
  /** All labels, as they are now. */
  labels_changed: z.object({ host_id: word.default(''), labels: stringMap }),
} as const;

type EventData = { [name in keyof typeof eventData]: z.infer<(typeof eventData)[name]> };
export type HostEventName = keyof EventData;

const names = Object.keys(eventData) as HostEventName[];
const isName = (name: string): name is HostEventName => (names as string[]).includes(name);

interface Envelope {
  /** Unique per event. */
  readonly id: string;
  /** Public key of the host; truer than any host id in the data. */
  readonly source: string;
}

export type HostEvent = {
  [name in HostEventName]: Envelope & { readonly name: name; readonly data: EventData[name] };
}[HostEventName];

/** An event whose data nobody here reads: still a sign of life of its source. */
export interface OtherEvent extends Envelope {
  readonly name: 'other';
  readonly type: string;
}

const envelope = z.object({
  specversion: z.literal('1.0'),
  id: word.min(1),
  type: word.min(1),
  source: word.min(1),
  data: z.unknown().optional(),
});

/**
 * An event from a lattice's event subjects.
 * @throws WireError naming the field that is wrong
 */
export const decodeEvent = (bytes: Uint8Array): HostEvent | OtherEvent => {
  const { id, type, source, data } = decodeJson('event', envelope, bytes);
  const name = type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : '';
  if (!isName(name)) return { id, source, name: 'other', type };
  return { id, source, name, data: checkShape<unknown>(name, eventData[name], data) } as HostEvent;
};

/**
 * @param id unique per event
 * @param time RFC 3339, UTC
 */
export const encodeEvent = (event: HostEvent & { readonly time: string }): Uint8Array =>
  encodeJson({
    specversion: '1.0',
    id: event.id,
    type: TYPE_PREFIX + event.name,
    source: event.source,
    datacontenttype: 'application/json',
    time: event.time,
    data: event.data,
  });
