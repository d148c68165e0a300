import { z } from 'zod';
import { CapabilityConfigError } from '../capability.ts';
import type { S3StoreOptions } from './s3-store.ts';

const text = z.string().min(1);
const shape = z.object({
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  region: text.default('us-east-1'),
  access_key_id: text,
  secret_access_key: text,
  session_token: text.optional(),
  aliases: z.record(z.string(), text).default({}),
});

const ALIAS = 'alias_';

/**
 * What a link's config says of an S3 store: `endpoint`, `region`, `access_key_id`, `secret_access_key`, `session_token`, and
 * `alias_<name>` for buckets; or all of it as `config_json` or `config_b64`, as the provider of wasmCloud 1.x has it.
 * @throws CapabilityConfigError, without values: they may be secrets
 */
export function s3Settings(
  link: string,
  config: Readonly<Record<string, string | undefined>>,
  timeoutMs: number,
): S3StoreOptions {
  const read = shape.safeParse({ ...wholeOf(link, config), ...config, aliases: undefined });
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.join('.') ?? '';
    const what = issue?.code === 'invalid_type' ? 'is missing' : 'cannot be read';
    throw new CapabilityConfigError(
      `link ${link}: ${where} of its S3 config ${what}; credentials are best in a Secret of the Provider`,
    );
  }
  const { endpoint, region, access_key_id: accessKeyId, secret_access_key: secretAccessKey } = read.data;
  const aliases = Object.entries(config).flatMap(([key, value]) =>
    key.startsWith(ALIAS) && value !== undefined ? [[key.slice(ALIAS.length), value] as const] : [],
  );
  return {
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    sessionToken: read.data.session_token,
    aliases: { ...wholeAliases(link, config), ...Object.fromEntries(aliases) },
    timeoutMs,
  };
}

function wholeOf(link: string, config: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const { config_json: json, config_b64: base64 } = config;
  const whole = json ?? (base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8'));
  if (whole === undefined) return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(whole));
  } catch {
    // Without the cause: it may quote the text.
    throw new CapabilityConfigError(`link ${link}: config_json or config_b64 is not a JSON object`);
  }
}

function wholeAliases(
  link: string,
  config: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const read = shape.shape.aliases.safeParse(wholeOf(link, config)['aliases'] ?? {});
  if (!read.success) throw new CapabilityConfigError(`link ${link}: aliases of its S3 config are not texts`);
  return read.data;
}
