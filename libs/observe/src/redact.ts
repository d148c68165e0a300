const SECRET_KEY =
  /^(authorization|proxy-authorization|cookie|set-cookie|credentials?|jwt|nkey|seed|kubeconfig|extraheader)$|(password|passphrase|secret|token|api[-_]?key|private[-_]?key)s?$/i;
// The user of an ssh URL without a password is no secret; that of others may be a token.
const URL_USERINFO = /(?<scheme>[a-z][a-z0-9+.-]*:\/\/)(?!(?<=ssh:\/\/)[^/?#@:\s]+@)[^/?#@\s]+@/gi;
const BEARER = /\b(bearer|basic)\s+[\w+./~=-]{8,}/gi;

const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
export const REDACTED = '[redacted]';

/** `text` without passwords of URLs and without authorization header values. */
export const redactText = (text: string): string =>
  text.replace(URL_USERINFO, `$<scheme>${REDACTED}@`).replace(BEARER, `$1 ${REDACTED}`);

/** The fields of an error, its own ones included, with its chain of causes. */
const errorFields = (error: Error): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(error)),
  type: error.name,
  message: error.message,
  stack: error.stack,
  ...(error.cause === undefined ? {} : { cause: error.cause }),
});

const redactAt = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deeper]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redactAt(item, depth - 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return redactAt(value.toJSON(), depth - 1);
  const fields = value instanceof Error ? errorFields(value) : value;
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, MAX_ITEMS)
      .map(([key, item]) => [key, redactField(key, item, depth - 1)]),
  );
};

// A boolean or a number under such a key (`hasToken: true`, `tokens: 12`) says nothing secret and is worth reading.
const redactField = (key: string, value: unknown, depth: number): unknown =>
  SECRET_KEY.test(key) && (typeof value === 'string' || typeof value === 'object') && value !== null
    ? REDACTED
    : redactAt(value, depth);

/**
 * A copy of the fields of a log line that is safe to print: what stands under a key that names a secret is replaced at
 * any depth, passwords inside URLs are cut out, errors become plain data, and size and depth are bounded.
 */
export const redactFields = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, redactField(key, value, MAX_DEPTH)]));
