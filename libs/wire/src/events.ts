// What hosts publish: CloudEvents 1.0 in structured JSON, as wasmCloud 1.x and wadm exchange them.
import { z } from 'zod';
import { hostInventory } from './control.ts';
import { checkShape, decodeJson, encodeJson } from './payload.ts';

const word = z.string().max(2_048);
const stringMap = z.record(word, word);
const count = z.number().int().nonnegative();

const TYPE_PREFIX = 'com.wasmcloud.lattice.';

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
  component_scaled: z.object({
    annotations: stringMap.default({}),
    host_id: word.default(''),
    image_ref: word,
    max_instances: count,
    component_id: word,
  }),
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
