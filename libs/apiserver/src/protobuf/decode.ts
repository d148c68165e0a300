import { type JsonObject, put } from '../schema/json.ts';
import { messages } from './messages.ts';
import { WireReader } from './wire-reader.ts';

/** The body is not a Kubernetes protobuf message, or holds a kind or field that cannot be read here. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Fields that Go always writes, also at their zero value, which JSON would leave out. */
const zeroMeansAbsent = new Set(
  (
    'generation minReadySeconds paused hostNetwork hostPID hostIPC stdin stdinOnce tty hostPort readOnly initialDelaySeconds ' +
    'timeoutSeconds periodSeconds successThreshold failureThreshold publishNotReadyAddresses healthCheckNodePort nodePort count ' +
    'globalDefault allowed denied incomplete authenticated deprecatedCount'
  ).split(' '),
);

interface Field {
  readonly name: string;
  readonly type: string;
  readonly repeated: boolean;
  readonly inlined: boolean;
}

/**
 * A body of type `application/vnd.kubernetes.protobuf` as the JSON object it stands for: four magic bytes, then a
 * `runtime.Unknown` that names the kind and holds its message.
 * Throws ProtobufError.
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic))
    throw new ProtobufError('the body does not start as Kubernetes protobuf does');
  let type: JsonObject = {};
  let raw: Buffer = Buffer.alloc(0);
  const envelope = new WireReader(body.subarray(magic.length), ProtobufError);
  for (const field of envelope.fields()) {
    if (field.number === 1) type = typeMeta(field.bytes());
    else if (field.number === 2) raw = field.bytes();
    else field.skip();
  }
  const { apiVersion, kind } = type;
  const name = apiVersion === 'events.k8s.io/v1' && kind === 'Event' ? 'events.Event' : String(kind);
  return { apiVersion, kind, ...message(name, raw, 0) };
}

function typeMeta(bytes: Buffer): JsonObject {
  const type: JsonObject = { apiVersion: '', kind: '' };
  for (const field of new WireReader(bytes, ProtobufError).fields()) {
    if (field.number === 1) type['apiVersion'] = field.bytes().toString();
    else if (field.number === 2) type['kind'] = field.bytes().toString();
    else field.skip();
  }
  return type;
}

const maxDepth = 32;

function message(type: string, bytes: Buffer, depth: number): JsonObject {
  const known = fieldsOf(type);
  if (known === undefined) throw new ProtobufError(`${type} cannot be read as protobuf: send it as JSON`);
  if (depth > maxDepth) throw new ProtobufError(`${type} is nested more than ${maxDepth} levels deep`);
  const object: JsonObject = {};
  for (const wire of new WireReader(bytes, ProtobufError).fields()) {
    const field = known.get(wire.number);
    if (field === undefined) {
      throw new ProtobufError(`field ${wire.number} of ${type} cannot be read as protobuf: send the object as JSON`);
    }
    if (field.type === 'ignored') {
      wire.skip();
      continue;
    }
    if (field.type === 'map' || field.type.startsWith('map/')) {
      const held = (object[field.name] ??= {}) as JsonObject;
      addEntry(held, field.type.slice('map/'.length), wire.bytes(), depth);
      continue;
    }
    const value = scalar(field, wire, depth);
    if (field.inlined) Object.assign(object, value);
    else if (field.repeated) object[field.name] = [...((object[field.name] as unknown[] | undefined) ?? []), value];
    else if (!isAbsent(field.name, value)) object[field.name] = value;
  }
  return object;
}

type Wire = ReturnType<WireReader['fields']> extends Iterable<infer F> ? F : never;

function scalar(field: Field, wire: Wire, depth: number): unknown {
  switch (field.type) {
    case '':
      return wire.bytes().toString();
    case 'int':
      return wire.integer();
    case 'bool':
      return wire.integer() !== 0;
    default:
      return composite(field.type, wire.bytes(), depth);
  }
}

function composite(type: string, bytes: Buffer, depth: number): unknown {
  switch (type) {
    case '':
      return bytes.toString();
    case 'bytes':
      return bytes.toString('base64');
    case 'Time':
      return time(bytes);
    case 'Raw':
      return JSON.parse(firstBytes(bytes).toString());
    case 'Quantity':
      return firstBytes(bytes).toString();
    case 'IntOrString':
      return intOrString(bytes);
    case 'strings':
      return [...new WireReader(bytes, ProtobufError).fields()].map((field) => field.bytes().toString());
    default:
      return message(type, bytes, depth + 1);
  }
}

function addEntry(map: JsonObject, valueType: string, bytes: Buffer, depth: number): void {
  let key = '';
  let value: unknown = '';
  for (const field of new WireReader(bytes, ProtobufError).fields()) {
    if (field.number === 1) key = field.bytes().toString();
    else if (field.number === 2) value = composite(valueType, field.bytes(), depth);
    else field.skip();
  }
  put(map, key, value);
}

/** Seconds and nanoseconds; nothing at all is the zero time, which JSON leaves out. */
function time(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  let seconds = 0;
  let nanoseconds = 0;
  for (const field of new WireReader(bytes, ProtobufError).fields()) {
    if (field.number === 1) seconds = field.integer();
    else if (field.number === 2) nanoseconds = field.integer();
    else field.skip();
  }
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) throw new ProtobufError(`${seconds} is no time in seconds`);
  const whole = at.toISOString().slice(0, 19);
  return nanoseconds === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(nanoseconds / 1000)).padStart(6, '0')}Z`;
}

function intOrString(bytes: Buffer): number | string {
  let isString = false;
  let integer = 0;
  let text = '';
  for (const field of new WireReader(bytes, ProtobufError).fields()) {
    if (field.number === 1) isString = field.integer() === 1;
    else if (field.number === 2) integer = field.integer();
    else if (field.number === 3) text = field.bytes().toString();
    else field.skip();
  }
  return isString ? text : integer;
}

function firstBytes(bytes: Buffer): Buffer {
  let first: Buffer = Buffer.alloc(0);
  for (const field of new WireReader(bytes, ProtobufError).fields()) {
    if (field.number === 1) first = field.bytes();
    else field.skip();
  }
  return first;
}

const isAbsent = (name: string, value: unknown): boolean =>
  value === undefined || value === '' || ((value === 0 || value === false) && zeroMeansAbsent.has(name));

const parsed = new Map<string, ReadonlyMap<number, Field>>();

function fieldsOf(type: string): ReadonlyMap<number, Field> | undefined {
  const known = parsed.get(type);
  if (known !== undefined) return known;
  const text = Object.hasOwn(messages, type) ? messages[type] : undefined;
  if (text === undefined) return undefined;
  const fields = new Map(text.split(' ').map((entry) => parseField(entry)));
  parsed.set(type, fields);
  return fields;
}

function parseField(entry: string): [number, Field] {
  const [, name = '', number = '', prefix = '', type = ''] = /^(\w+)=(\d+)(?::(\[\]|\.\.\.)?(.*))?$/.exec(entry) ?? [];
  return [Number(number), { name, type, repeated: prefix === '[]', inlined: prefix === '...' }];
}
