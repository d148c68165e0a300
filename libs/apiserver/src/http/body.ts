import type { IncomingMessage } from 'node:http';
import { parseAllDocuments } from 'yaml';
import { ProtobufError, decodeProtobuf } from '../protobuf/decode.ts';
import { type JsonObject, isObject } from '../schema/json.ts';
import { StatusError, badRequest, tooLarge, unsupportedMediaType } from '../status.ts';
import { duplicateKeys } from './duplicate-keys.ts';

/** As a kube-apiserver's: etcd takes no more. */
export const maxBodyBytes = 3 * 1024 * 1024;

/** Collects a request's body. Throws a 413, and leaves the rest of the body unread then. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  if (request.destroyed) throw new BrokenRequestError();
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  // By its events: to iterate over a stream costs more than all the rest of reading a small body.
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBodyBytes) {
      chunks.push(chunk);
      return;
    }
    request.pause();
    reject(tooLarge(maxBodyBytes));
  });
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('error', reject);
  // Every request closes, nearly all of them after their end: an error, with its stack, is not made for those.
  request.once('close', () => {
    if (!request.complete) reject(new BrokenRequestError());
  });
  return promise;
}

/** The connection ended before the body did: there is nobody to answer. */
class BrokenRequestError extends Error {
  override readonly name = 'BrokenRequestError';

  constructor() {
    super('the request ended before its body did');
  }
}

const protobuf = 'application/vnd.kubernetes.protobuf';

const objectTypes: readonly string[] = ['application/json', 'application/yaml', protobuf];

export const mediaType = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** The object in a body; an absent content type means JSON. Throws a 400 or 415. */
export function parseObject(body: Buffer, type: string): JsonObject {
  if (type !== '' && !objectTypes.includes(type)) throw unsupportedMediaType(objectTypes);
  if (type === protobuf) return parseProtobuf(body);
  // Nothing is an object in which nothing is set.
  const value = (type === 'application/yaml' ? parseYaml(body) : parseJson(body)) ?? {};
  if (!isObject(value)) throw badRequest("couldn't get version/kind; the body must be one object");
  return value;
}

/** Kinds and fields that cannot be read as protobuf are refused as a type, so that nothing is lost in silence. */
function parseProtobuf(body: Buffer): JsonObject {
  try {
    return decodeProtobuf(body);
  } catch (error) {
    if (!(error instanceof ProtobufError) && !(error instanceof SyntaxError)) throw error;
    throw new StatusError({ code: 415, reason: 'UnsupportedMediaType', message: error.message }, { cause: error });
  }
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`, { cause: error });
  }
}

/** YAML, of which JSON is a part. Aliases are limited, so that a small body cannot unfold into a large one. */
export function parseYaml(body: Buffer): unknown {
  const text = body.toString();
  const json = jsonIn(text);
  if (json !== undefined) return json;
  // Of several documents the first counts.
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  const document = 'empty' in documents ? undefined : documents[0];
  if (document === undefined) return null;
  const [problem] = document.errors;
  if (problem !== undefined) throw badRequest(`error parsing YAML: ${problem.message}`, { cause: problem });
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error;
    throw badRequest(`error parsing YAML: ${error.message}`, { cause: error });
  }
}

/** An object in JSON, which most appliers send, is read ten times as fast as such. Undefined for anything that YAML is to judge. */
function jsonIn(text: string): object | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && duplicateKeys(text, value).length === 0 ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
