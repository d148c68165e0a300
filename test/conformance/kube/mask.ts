import { isObject, textOf, type JsonObject, type JsonValue } from './json.ts';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const pem = /-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\n?/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const address = /^(\d{1,3}\.){3}\d{1,3}$/;
const age = /^\d+[smhdy](\d+[smhdy])?$/;
const jwt = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;
const DAY_MS = 86_400_000;

/** What no two servers answer alike, by the name of its field. */
const perServer: Readonly<Record<string, string>> = {
  resourceVersion: '<rv>',
  continue: '<continue>',
  resourceVersionMatch: '<rv>',
};

/**
 * Replaces what differs from run to run: uids, resource versions, times near now, generated suffixes, addresses, tokens.
 * `known` are the values of this run, such as its namespace, longest first.
 */
export function mask(value: JsonValue, known: ReadonlyMap<string, string>, isCells = false): JsonValue {
  if (isCells && typeof value === 'string' && age.test(value)) return '<age>';
  if (typeof value === 'string') return maskText(value, known);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => mask(item, known, isCells));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value['kind'] === 'Status' ? comparableStatus(value) : value).map(([key, item]) => [
      maskText(key, known),
      maskField(value, key, item ?? null, known),
    ]),
  );
}

function maskField(parent: JsonObject, key: string, item: JsonValue, known: ReadonlyMap<string, string>): JsonValue {
  const masked = perServer[key];
  if (masked !== undefined && typeof item === 'string' && item !== '' && item !== '0') return masked;
  const { generateName } = parent;
  if (key === 'name' && typeof item === 'string' && typeof generateName === 'string' && generateName !== '') {
    if (item.startsWith(generateName) && item.length === generateName.length + 5) return `${generateName}<suffix>`;
  }
  // A case may show the cells alone, row by row.
  if ((key === 'cells' || key === 'rows') && Array.isArray(item)) return mask(item, known, true);
  if (key === 'managedFields' && Array.isArray(item))
    return inOrder(mask(item, known), ['manager', 'operation', 'subresource']);
  return mask(item, known);
}

function maskText(text: string, known: ReadonlyMap<string, string>): string {
  if (time.test(text) && Math.abs(Date.parse(text) - Date.now()) < 2 * DAY_MS) {
    return text.includes('.') ? '<time with fraction>' : '<time>';
  }
  if (address.test(text) && text.startsWith('10.')) return '<ip>';
  if (jwt.test(text)) return '<token>';
  let masked = text
    .replaceAll(uuid, '<uid>')
    .replace(/in record \(\d+\)/, 'in record (<rv>)')
    .replace(pem, '<certificate>');
  for (const [found, name] of known) masked = masked.replaceAll(found, name);
  return masked;
}

/**
 * What of a refusal is compared: code, reason, and the causes in the order of their fields, for a real server walks some
 * schemas in an order of chance. The message repeats the causes. Without causes it is compared too, except where it
 * quotes a parser of Go (400 and 500).
 */
function comparableStatus(status: JsonObject): JsonObject {
  const { message, code, details } = status;
  const causes = isObject(details) ? details['causes'] : undefined;
  const isQuoted = (code === 400 || code === 500) && !textOf(message).includes('strict decoding error');
  return {
    ...status,
    ...(typeof message !== 'string' ? {} : { message: causes === undefined && !isQuoted ? message : '<message>' }),
    ...(!isObject(details) || !Array.isArray(causes)
      ? {}
      : { details: { ...details, causes: inOrder(unique(causes.map(comparableCause)), ['field', 'message']) } }),
  };
}

/** Go's print of a value, and what its CEL compiler says, are its own. */
function comparableCause(cause: JsonValue): JsonValue {
  if (!isObject(cause) || typeof cause['message'] !== 'string') return cause;
  const { field, message } = cause;
  if (/compilation failed|estimated .* cost|must evaluate to a/.test(message))
    return { ...cause, message: '<the rule is refused>' };
  if (field === 'patch') return { ...cause, message: '<message>' };
  return { ...cause, message: message.replace(/Invalid value: (?:\{.*\}|\[.*\]|null): /, 'Invalid value: ') };
}

/** A real server tells some faults once for each time that it looked. */
const unique = (causes: readonly JsonValue[]): readonly JsonValue[] => [
  ...new Map(causes.map((cause) => [JSON.stringify(cause), cause])).values(),
];

function inOrder(items: JsonValue, keys: readonly string[]): JsonValue {
  if (!Array.isArray(items)) return items;
  const order = (item: JsonValue): string => (isObject(item) ? keys.map((key) => textOf(item[key])).join('\0') : '');
  return (items as readonly JsonValue[]).toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}
