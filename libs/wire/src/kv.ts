// The JetStream key-value buckets through which wasmCloud 1.x hosts share links and config.
import { z } from 'zod';
import { SubjectError, WireError } from './error.ts';
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

/** What a repeater and the two buckets agreed on last; hosts know nothing of it. */
export const ledgerBucket = (lattice: string): string => bucket('KASMCLOUD', lattice);

/** Key of what is known of a component or provider in the lattice bucket. */
export const componentKey = (id: string): string => `${COMPONENT}${id}`;

/** The id in such a key; undefined for another key. */
export const componentOfKey = (key: string): string | undefined =>
  key.startsWith(COMPONENT) ? key.slice(COMPONENT.length) : undefined;

const COMPONENT = 'COMPONENT_';

/** What begins so in the config bucket, or in a list of config names, is a reference to a secret. */
export const SECRET_PREFIX = 'SECRET';

/** Whether a bucket takes it as a key, and Kubernetes has room for it. */
export const isConfigName = (name: string): boolean => /^(?!\.)[-/_=.a-zA-Z0-9]{1,253}(?<!\.)$/.test(name);

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

/** Keys of claims of signed components and providers in the lattice bucket begin so. */
export const claimsKeyPrefix = 'CLAIMS_';

const claims = z.object({
  call_alias: word.optional(),
  issuer: word.optional(),
  iss: word.optional(),
  name: word.default(''),
  revision: word.optional(),
  rev: word.optional(),
  subject: word.optional(),
  sub: word.optional(),
  tags: z.union([word, words]).optional(),
  version: word.default(''),
  config_schema: word.optional(),
});

/** An entry of `claims.get`, out of the value of a claims key; undefined when it is none. */
export const claimsEntry = (bytes: Uint8Array): Record<string, string> | undefined => {
  try {
    return flatClaims(decodeJson('claims', claims, bytes));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
};

const flatClaims = (read: z.infer<typeof claims>): Record<string, string> => {
  const { name, version, tags, call_alias, config_schema } = read;
  const issuer = read.issuer ?? read.iss ?? '';
  const subject = read.subject ?? read.sub ?? '';
  const revision = read.revision ?? read.rev ?? '';
  const common = { iss: issuer, issuer, name, rev: revision, revision, sub: subject, subject, version };
  // Keys of providers begin with V; they have no tags and no alias.
  return subject.startsWith('V')
    ? { ...common, config_schema: config_schema ?? '' }
    : { ...common, call_alias: call_alias ?? '', tags: Array.isArray(tags) ? tags.join(',') : (tags ?? '') };
};
