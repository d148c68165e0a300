// The JetStream key-value buckets through which wasmCloud 1.x hosts share links and config.
import { z } from 'zod';
import { SubjectError } from './error.ts';
import { word, words } from './field.ts';
import { decodeJson } from './payload.ts';

// JetStream allows fewer characters in a bucket's name than NATS does in a subject's token.
const bucket = (prefix: string, lattice: string): string => {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(lattice))
    throw new SubjectError(lattice, 'a bucket is named by at most 255 letters, digits, - and _');
  return `${prefix}_${lattice}`;
};

/** Links by their source, and claims. */
export const latticeBucket = (lattice: string): string => bucket('LATTICEDATA', lattice);
/** Config maps, by name. */
export const configBucket = (lattice: string): string => bucket('CONFIGDATA', lattice);

/** Key of what is known of a component or provider in the lattice bucket. */
export const componentKey = (id: string): string => `COMPONENT_${id}`;

/** The right of one component or provider to call another over some WIT interfaces. Configs are names. */
export const link = z.object({
  source_id: word.min(1),
  target: word.min(1),
  name: word.min(1).default('default'),
  wit_namespace: word.min(1),
  wit_package: word.min(1),
  interfaces: words,
  source_config: words.default([]),
  target_config: words.default([]),
});
export type Link = z.infer<typeof link>;

/** Value of a component key: where it comes from, and its outbound links. */
export const componentSpec = z.object({ url: word.default(''), links: z.array(link).max(10_000).default([]) });
export type ComponentSpec = z.infer<typeof componentSpec>;

/** @throws WireError */
export const decodeComponentSpec = (bytes: Uint8Array): ComponentSpec =>
  decodeJson('component spec', componentSpec, bytes);

const config = z.record(word, z.string().max(1_048_576));

/** @throws WireError */
export const decodeConfig = (bytes: Uint8Array): Record<string, string> => decodeJson('config', config, bytes);
