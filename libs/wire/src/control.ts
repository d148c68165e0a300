// Payloads of the wasmCloud 1.x control interface that KasmCloud reads and writes.
import { z } from 'zod';
import { count, stringMap, word } from './field.ts';
import { decodeJson } from './payload.ts';

/** One running component, in an inventory. */
export const componentDescription = z.object({
  id: word.min(1),
  image_ref: word,
  name: word.optional(),
  annotations: stringMap.nullish(),
  revision: z.int32(),
  /** How many calls may run at once. */
  max_instances: count,
  /** Present as null where there are none: that is how hosts write it. */
  limits: stringMap.nullish(),
});
export type ComponentDescription = z.infer<typeof componentDescription>;

export const providerDescription = z.object({
  id: word.min(1),
  image_ref: word.optional(),
  name: word.optional(),
  revision: z.int32(),
  annotations: stringMap.nullish(),
});
export type ProviderDescription = z.infer<typeof providerDescription>;

/** What runs on a host: reply of `host.get`, and data of `host_heartbeat`. */
export const hostInventory = z
  .looseObject({ components: z.unknown().optional(), actors: z.unknown().optional() })
  // Hosts before 1.0 said `actors`.
  .transform((raw) => ({ ...raw, components: raw.components ?? raw.actors }))
  .pipe(
    z.object({
      components: z.array(componentDescription).max(100_000),
      providers: z.array(providerDescription).max(100_000),
      host_id: word.default(''),
      friendly_name: word.default(''),
      labels: stringMap.default({}),
      version: word.default(''),
      uptime_human: word.default(''),
      uptime_seconds: count.default(0),
    }),
  );
export type HostInventory = z.infer<typeof hostInventory>;

/** Whether it is a server nkey, as ids of hosts are. */
export const isHostId = (id: string): boolean => /^N[A-Z2-7]{55}$/.test(id);

/** One host: reply of `host.ping`. */
export const host = z.object({
  id: word.min(1),
  rpc_host: word.optional(),
  ctl_host: word.optional(),
  js_domain: word.optional(),
  friendly_name: word.default(''),
  labels: stringMap,
  lattice: word,
  /** As `1m 4s`. */
  uptime_human: word.optional(),
  uptime_seconds: count,
  /** Semantic version; wadm drops hosts with another. */
  version: word.optional(),
});
export type Host = z.infer<typeof host>;

/** The envelope of every reply of the control interface. */
export interface CtlResponse<T> {
  readonly success: boolean;
  readonly message: string;
  readonly response?: T | undefined;
}

export const ctlResponse = <T extends z.ZodType>(response: T): z.ZodType<CtlResponse<z.infer<T>>> =>
  z.object({ success: z.boolean(), message: z.string().max(100_000), response: response.optional() });

const pingReply = ctlResponse(host);
const inventoryReply = ctlResponse(hostInventory);

/** @throws WireError */
export const decodePingReply = (bytes: Uint8Array): CtlResponse<Host> =>
  decodeJson('host.ping reply', pingReply, bytes);

/** @throws WireError */
export const decodeInventoryReply = (bytes: Uint8Array): CtlResponse<HostInventory> =>
  decodeJson('host.get reply', inventoryReply, bytes);

export const ctlOk = <T>(response: T): CtlResponse<T> => ({ success: true, message: '', response });

/** Done, or under way; hosts say what in `message`. */
export const ctlDone = (message = ''): CtlResponse<never> => ({ success: true, message });

export const ctlRefused = (message: string): CtlResponse<never> => ({ success: false, message });

/** `93784` → `1day 2h 3m 4s`: how hosts write their uptime. */
export const humanUptime = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400);
  const parts: [amount: number, unit: string][] = [
    [days, days === 1 ? 'day' : 'days'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [Math.floor(seconds) % 60, 's'],
  ];
  const shown = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount}${unit}`);
  return shown.length === 0 ? '0s' : shown.join(' ');
};

/**
 * Label of a host in what a repeater publishes for it, with the value `kasmcloud`: it is driven by resources, so that no
 * repeater takes it for a host that only NATS knows.
 */
export const RUNTIME_LABEL = 'kasmcloud.io/runtime';

/**
 * `given.kasmcloud.io/<key>`, on a wasmCloud host: its label of that key was given to it by Kubernetes. A host tells all its
 * labels at once and loses all of them when it ends, so that whatever it tells, however old, says what is its own.
 */
export const givenMark = (key: string): string => `${GIVEN}${key}`;

/** The key of the label that this one marks as given; undefined for what is no mark. */
export const keyOfMark = (label: string): string | undefined =>
  label.startsWith(GIVEN) ? label.slice(GIVEN.length) : undefined;

const GIVEN = 'given.kasmcloud.io/';

/**
 * Annotations of what a repeater starts on a legacy host, which tells them again: of which Kubernetes object it is, and a
 * hash of what was started. Whoever finds them later knows whether that is still asked for.
 */
export const carriedAnnotations = { object: 'kasmcloud.io/object', content: 'kasmcloud.io/content' } as const;
