// What is asked of wasmCloud 1.x hosts over the control interface, and how they answer.
import { z } from 'zod';
import { ctlResponse, type CtlResponse } from './control.ts';
import { stringMap, word, words } from './field.ts';
import { link, type Link } from './kv.ts';
import { decodeJson } from './payload.ts';

const u32 = z.number().int().min(0).max(4_294_967_295);

export const scaleComponentCommand = z.object({
  component_id: word.min(1),
  component_ref: word.default(''),
  annotations: stringMap.nullish(),
  /** How many calls may run at once; a host that is told none stops the component. */
  count: u32.default(0),
  /** `max_memory_limit` in bytes and `max_execution_time` in seconds, as decimal text. */
  component_limits: stringMap.nullish(),
  host_id: word.default(''),
  /** Names of config, in the order in which they are merged; those that begin with `SECRET` name secrets. */
  config: words.default([]),
  allow_update: z.boolean().default(false),
});
export type ScaleComponentCommand = z.infer<typeof scaleComponentCommand>;

export const updateComponentCommand = z.object({
  component_id: word.min(1),
  new_component_ref: word.min(1),
  annotations: stringMap.nullish(),
  host_id: word.default(''),
});
export type UpdateComponentCommand = z.infer<typeof updateComponentCommand>;

export const startProviderCommand = z.object({
  provider_id: word.min(1),
  provider_ref: word.min(1),
  annotations: stringMap.nullish(),
  host_id: word.default(''),
  config: words.default([]),
});
export type StartProviderCommand = z.infer<typeof startProviderCommand>;

export const stopProviderCommand = z
  .looseObject({ provider_id: z.unknown().optional(), provider_ref: z.unknown().optional() })
  // Old clients name the provider so.
  .transform((raw) => ({ ...raw, provider_id: raw.provider_id ?? raw.provider_ref }))
  .pipe(z.object({ provider_id: word.min(1), host_id: word.default('') }));
export type StopProviderCommand = z.infer<typeof stopProviderCommand>;

const constraints = stringMap;
export const componentAuction = z.object({ component_ref: word, component_id: word, constraints });
export const providerAuction = z.object({ provider_ref: word, provider_id: word, constraints });

export const hostLabel = z.object({ key: word.min(1), value: word });
export const hostLabelIdentifier = z.object({ key: word.min(1) });

export const stopHostCommand = z.object({
  host_id: word.default(''),
  /** Milliseconds that what runs there has to end. */
  timeout: z.number().int().nonnegative().nullish(),
});

export const deleteLinkCommand = z.object({
  source_id: word.min(1),
  name: word.min(1).default('default'),
  wit_namespace: word.min(1),
  wit_package: word.min(1),
});
export type DeleteLinkCommand = z.infer<typeof deleteLinkCommand>;

const acknowledgement = ctlResponse(z.unknown());
const linksReply = ctlResponse(z.array(link).max(100_000));

/** The answer to a command. @throws WireError */
export const decodeAcknowledgement = (bytes: Uint8Array): CtlResponse<unknown> =>
  decodeJson('acknowledgement', acknowledgement, bytes);

/** @throws WireError */
export const decodeLinksReply = (bytes: Uint8Array): CtlResponse<Link[]> =>
  decodeJson('link.get reply', linksReply, bytes);
