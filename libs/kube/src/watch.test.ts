import { builtin } from '@kasmcloud/kube-api';
import { json, startScriptedServer, type Answer, type ScriptedServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import type { WatchOptions } from './client-options.ts';
import { ForbiddenError, GoneError, UnreachableError } from './errors.ts';

const { ConfigMap } = builtin;
const event = (type: string, name: string, resourceVersion: string): string =>
  `${JSON.stringify({ type, object: { metadata: { name, resourceVersion } } })}\n`;

/** Sends the pieces one by one, then ends, cuts or holds the stream. */
const stream =
  (pieces: readonly (string | Buffer)[], then: 'end' | 'cut' | 'hold'): Answer =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (then === 'end') response.end();
    if (then === 'cut') response.destroy();
  };

let server: ScriptedServer;
let client: KubeClient;
beforeEach(async () => {
  server = await startScriptedServer(json(200, {}));
  client = new KubeClient({ server: server.url, credentials: {} }, { timeoutMs: 2_000 });
});
afterEach(async () => {
  await client.close();
  await server.close();
});

async function collect(options: Partial<WatchOptions> = {}): Promise<{ seen: string[]; error: unknown }> {
  const seen: string[] = [];
  const signal = new AbortController().signal;
  try {
    for await (const change of client.watch(ConfigMap, { resourceVersion: '5', signal, ...options })) {
      seen.push(
        change.type === 'BOOKMARK' ? `at ${change.resourceVersion}` : `${change.type} ${change.object.metadata.name}`,
      );
    }
  } catch (error) {
    return { seen, error };
  }
  return { seen, error: undefined };
}

test('events arrive however the bytes are cut, and the server may end the watch', async () => {
  const bytes = Buffer.from(
    event('ADDED', 'ä', '6') +
      event('MODIFIED', 'b', '7') +
      '\n' +
      event('BOOKMARK', '', '8') +
      event('DELETED', 'ä', '9'),
  );
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, n) => bytes.subarray(n * 7, n * 7 + 7));
  server.answer = stream(pieces, 'end');
  expect(await collect()).toEqual({ seen: ['ADDED ä', 'MODIFIED b', 'at 8', 'DELETED ä'], error: undefined });
  expect(server.requests[0]?.url).toBe(
    '/api/v1/configmaps?watch=true&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=300',
  );
});

test('a cut stream is told, what came whole was seen, and what was cut off was not', async () => {
  server.answer = stream([event('ADDED', 'a', '6'), event('ADDED', 'b', '7').slice(0, 20)], 'cut');
  const { seen, error } = await collect();
  expect(seen).toEqual(['ADDED a']);
  expect(error).toBeInstanceOf(UnreachableError);
});

test.for([
  {
    name: 'an ERROR event',
    answer: stream([`{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n`], 'hold'),
    want: GoneError,
  },
  { name: 'a refusal', answer: json(410, { kind: 'Status', code: 410, reason: 'Expired' }), want: GoneError },
  {
    name: 'a missing right',
    answer: json(403, { kind: 'Status', code: 403, reason: 'Forbidden' }),
    want: ForbiddenError,
  },
  { name: 'garbage', answer: stream(['<html>\n'], 'hold'), want: UnreachableError },
  { name: 'an unknown event', answer: stream([event('RENAMED', 'a', '6')], 'hold'), want: UnreachableError },
  { name: 'an event without object', answer: stream(['{"type":"ADDED"}\n', '7\n'], 'hold'), want: UnreachableError },
])('$name ends the watch with its typed error', async ({ answer, want }) => {
  server.answer = answer;
  expect((await collect()).error).toBeInstanceOf(want);
});

test('a stream that says nothing for too long is broken', async () => {
  server.answer = stream([event('ADDED', 'a', '6')], 'hold');
  const { seen, error } = await collect({ idleMs: 100 });
  expect(seen).toEqual(['ADDED a']);
  expect(error).toBeInstanceOf(UnreachableError);
});

test('a server that never begins to answer is unreachable', async () => {
  server.answer = () => undefined;
  const hasty = new KubeClient({ server: server.url, credentials: {} }, { timeoutMs: 100 });
  const watch = hasty.watch(ConfigMap, { resourceVersion: '5', signal: new AbortController().signal });
  await expect(watch.next()).rejects.toThrow(UnreachableError);
  await hasty.close();
});

test('an abort ends the watch with its reason, and leaving early closes the connection', async () => {
  const closed: string[] = [];
  server.answer = async (response, request) => {
    response.on('close', () => closed.push(request.url));
    return stream([event('ADDED', 'a', '6')], 'hold')(response, request);
  };
  const reason = new Error('stopped');
  const stopping = new AbortController();
  const aborted = collect({ signal: stopping.signal });
  for await (const change of client.watch(ConfigMap, { resourceVersion: '6', signal: stopping.signal })) {
    expect(change.type).toBe('ADDED');
    break;
  }
  await expect.poll(() => closed.length).toBe(1);
  stopping.abort(reason);
  expect(await aborted).toEqual({ seen: ['ADDED a'], error: reason });
  await expect.poll(() => closed.length).toBe(2);
});

test('one hundred watches leave room for calls', async () => {
  server.answer = async (response, request) =>
    request.url.includes('watch=')
      ? stream([event('ADDED', 'a', '6')], 'hold')(response, request)
      : json(200, { metadata: { name: 'a' } })(response, request);
  const stopping = new AbortController();
  const watches = Array.from({ length: 100 }, async () =>
    client.watch(ConfigMap, { resourceVersion: '5', signal: stopping.signal }).next(),
  );
  await Promise.all(watches);
  expect((await client.get(ConfigMap, 'a', 'n')).metadata.name).toBe('a');
  stopping.abort();
});
