import * as fc from 'fast-check';
import { type JsonObject, isObject } from '../schema/json.ts';
import { corpus } from './corpus.ts';
import { type Answer, type Asked, type TestCluster, crontabs } from './harness.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** Fuzzed requests delete definitions too; without them the others would find little. */
const restoreEvery = 50;

/** Sends `runs` requests that nobody can have meant, and throws with the smallest one whose answer is at fault. */
export async function fuzz(cluster: TestCluster, runs: number, seed: number): Promise<void> {
  let sent = 0;
  const restore = async (): Promise<void> => {
    if (sent % restoreEvery === 0) await cluster.ask({ method: 'POST', path: definitions, body: crontabs });
    sent += 1;
  };
  const answered = fc.asyncProperty(requests, async (asked) => {
    const fault = faultOf(asked, await cluster.ask(asked));
    if (fault !== undefined) throw new Error(fault);
  });
  await fc.assert(answered.beforeEach(restore), { numRuns: runs, seed });
}

/** What is wrong with an answer to a request that nobody can have meant; undefined when nothing is. */
export function faultOf({ method = 'GET', path }: Asked, { code, body, text }: Answer): string | undefined {
  // An answer to HEAD has no body to judge; GET finds the same.
  if (code < 400 || (method === 'HEAD' && code !== 500)) return undefined;
  if (code >= 500 && !isAllowed(code, body)) return `answered with ${code}: ${JSON.stringify(body)}`;
  // Where no API is, a kube-apiserver's mux answers.
  if (code === 404 && text.trim() === '404 page not found') return undefined;
  // A path that cannot be decoded does not get as far as the API.
  if (code === 400 && text === '400 Bad Request' && /%(?![0-9a-f]{2})/i.test(path)) return undefined;
  // And where no OpenAPI document is, nobody says a word.
  if (code === 404 && path.startsWith('/openapi/v3/') && text === '') return undefined;
  const isStatus = body['kind'] === 'Status' && body['status'] === 'Failure' && body['code'] === code;
  return isStatus ? undefined : `refused with ${code} and no Status: ${text}`;
}

/**
 * A kube-apiserver answers these requests with a 5xx too: a version of the future, a kind of answer it lacks, and mistakes of the
 * client that it takes for its own. The last have no reason, where a fault of this server has one.
 */
const isAllowed = (code: number, { message, reason }: JsonObject): boolean =>
  code === 501 || (code === 504 && reason === 'Timeout') || (code === 500 && reason === undefined && message !== '');

const word = fc.oneof(
  fc.constantFrom(
    'api',
    'apis',
    'v1',
    'namespaces',
    'default',
    'configmaps',
    'pods',
    'status',
    'scale',
    'openapi',
    'v3',
  ),
  fc.constantFrom(
    'stable.example.com',
    'crontabs',
    'x',
    '..',
    '%2e%2e',
    '%00',
    '%ff',
    '__proto__',
    'constructor',
    '*',
    'a b',
  ),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
);
const path = fc.array(word, { maxLength: 9 }).map((parts) => `/${parts.join('/').replaceAll(' ', '%20')}`);

const parameter = fc.constantFrom(
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'dryRun',
  'force',
  'fieldManager',
  'includeObject',
  'propagationPolicy',
  'gracePeriodSeconds',
  'pretty',
  'fieldValidation',
);
const value = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    'All',
    'true',
    '0',
    '1',
    '-1',
    '99999999999',
    'a=b',
    'a in (b,c)',
    '!a',
    'metadata.name=x',
    'Exact',
    'Strict',
  ),
);
const query = fc
  .array(fc.tuple(parameter, value), { maxLength: 3 })
  .map((pairs) => pairs.map(([key, text]) => `${key}=${encodeURIComponent(text)}`).join('&'));

const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD');
const type = fc.constantFrom(
  'application/json',
  'application/yaml',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'application/strategic-merge-patch+json',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
);
const body = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string(),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes])),
  fc.json({ maxDepth: 3 }).map((text) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":${text},"data":${text}}`),
);
const accept = fc.constantFrom(
  'application/json',
  'application/yaml',
  'application/json;as=Table;g=meta.k8s.io;v=v1',
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  '*/*',
  'text/html',
  ';;;,',
);

const hasBody = (verb: string): boolean => verb !== 'GET' && verb !== 'HEAD';

const randomRequest: fc.Arbitrary<Asked> = fc
  .tuple(method, path, query, type, body, accept)
  .map(([verb, where, how, contentType, content, wanted]) => ({
    method: verb,
    path: `${where}?${how}`,
    accept: wanted,
    ...(hasBody(verb) ? { body: content, type: contentType } : {}),
  }));

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    '',
    ' ',
    '\u0000',
    'x'.repeat(300),
    '__proto__',
    '%',
    [],
    {},
    [null],
    [[]],
  ),
  fc.constantFrom<unknown>(
    { '': '' },
    { constructor: {} },
    '2026-13-40T99:99:99Z',
    '1Gi',
    '0x10',
    'é',
    '\ud800',
    '{{',
    '*.*',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A request of the corpus: maybe with another method or type, and with up to three values of its body replaced. */
const mutatedRequest: fc.Arbitrary<Asked> = fc
  .tuple(
    fc.constantFrom(...corpus),
    fc.option(method, { freq: 8 }),
    fc.option(type, { freq: 8 }),
    fc.option(query, { freq: 3 }),
    fc.array(fc.tuple(fc.nat(), strange), { maxLength: 3 }),
    accept,
  )
  .map(([good, verb, contentType, how, changes, wanted]) => {
    const chosen = verb ?? good.method;
    const content = changes.reduce<unknown>((document, [place, other]) => replaced(document, place, other), good.body);
    const separator = good.path.includes('?') ? '&' : '?';
    return {
      method: chosen,
      path: how === null ? good.path : `${good.path}${separator}${how}`,
      accept: wanted,
      ...(hasBody(chosen) ? { body: JSON.stringify(content) ?? '', type: contentType ?? good.type } : {}),
    };
  });

/** A copy of a document in which one of its values, counted through it in order, is another. */
function replaced(document: unknown, place: number, other: unknown): unknown {
  const target = place % sizeOf(document);
  let at = 0;
  const walk = (node: unknown): unknown => {
    const here = at;
    at += 1;
    if (here === target) return other;
    if (Array.isArray(node)) return node.map(walk);
    if (isObject(node)) return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child)]));
    return node;
  };
  return walk(document);
}

const sizeOf = (node: unknown): number => {
  const children = Array.isArray(node) ? node : isObject(node) ? Object.values(node) : [];
  return children.reduce<number>((sum, child) => sum + sizeOf(child), 1);
};

/** Requests of any shape: of random words, and good ones of the corpus with something in them changed. */
const requests: fc.Arbitrary<Asked> = fc.oneof(randomRequest, mutatedRequest, mutatedRequest);
