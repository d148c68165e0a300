import { createServer, request as httpRequest, Agent } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { noHost, openRuntime } from '../testing/harness.ts';
import { ListenError } from './fronts.ts';
import type { HttpListener, HttpRoute } from './http-listener.ts';
import type { HostFunctions, LoadedComponent } from './types.ts';

const errors: string[] = [];
// Trusted from the first answer on.
const runtime = await openRuntime({ workers: 1, trustAfter: 1, graceMs: 100 });
afterAll(() => runtime.close());

/** A route to a component, and how many requests of it came through the main thread. */
const routeTo = (component: () => LoadedComponent | undefined, rest: Partial<HttpRoute> = {}) => {
  let count = 0;
  const route: HttpRoute = {
    key: 'one',
    match: { kind: 'all' },
    deadlineMs: 20_000,
    component: () => {
      count += 1;
      return component();
    },
    handle: () => Promise.reject(new Error('nobody is there')),
    ...rest,
  };
  return { route, asked: () => count };
};

const listen = async (routes: readonly HttpRoute[], port = 0, on = runtime): Promise<HttpListener> => {
  const onError = (error: unknown): void => void errors.push(error instanceof Error ? error.message : String(error));
  const listener = await on.listen({ host: '127.0.0.1', port, onError });
  listener.route(routes);
  return listener;
};

const ask = async ({ port }: HttpListener, path = '/', init: RequestInit = {}): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(15_000), ...init });
  return `${answer.status} ${await answer.text()}`.trim();
};

/** A listener whose requests the thread that accepts them answers by itself. */
const settled = async (
  component: LoadedComponent,
  rest: Partial<HttpRoute> = {},
): Promise<{ listener: HttpListener; asked: () => number }> => {
  const { route, asked } = routeTo(() => component, rest);
  const listener = await listen([route]);
  await expect
    .poll(async () => {
      const before = asked();
      await ask(listener, '/', { method: 'POST', body: 'x' });
      return asked() === before;
    })
    .toBe(true);
  return { listener, asked };
};

/** What a server says to bytes on a connection of their own, until it closes it or `enough` says so. */
const say = async ({ port }: HttpListener, bytes: string, enough: (text: string) => boolean): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (enough(text)) break;
  }
  return text;
};

describe('a request', () => {
  test('is answered through the main thread first, and then in the thread that accepted it', async () => {
    const hello = await runtime.load('hello', { config: { greeting: 'hi' } });
    const { listener, asked } = await settled(hello);
    const before = asked();
    const answer = await fetch(`http://127.0.0.1:${listener.port}/`);
    expect(await answer.text()).toBe('hi\n');
    expect(answer.headers.get('content-length')).toBe('3');
    hello.updateConfig({ greeting: 'salut' });
    await expect.poll(() => ask(listener)).toBe('200 salut');
    expect(asked()).toBe(before);
    // The guest may still be at its end when the client has the answer.
    await expect.poll(() => hello.inFlight).toBe(0);
    await listener.close();
    await expect(ask(listener)).rejects.toThrow('fetch failed');
  });

  test('is answered in every thread that accepts any, once the component is trusted', async () => {
    const several = await openRuntime({ workers: 3, trustAfter: 1 });
    const hello = await several.load('hello', { config: { greeting: 'hi' }, instances: 40 });
    const { route, asked } = routeTo(() => hello);
    const listener = await listen([route], 0, several);
    const { memoryBytes } = hello.usage;
    const memoryOnceAsked = async (): Promise<number> => {
      // Over one connection, which one thread has.
      expect(await ask(listener)).toBe('200 hi');
      return hello.usage.memoryBytes;
    };
    // One instance in the worker that answered, and one in each of those threads.
    await expect.poll(memoryOnceAsked).toBe(4 * memoryBytes);
    const before = asked();
    const answers = Array.from({ length: 30 }, () => ask(listener, '/', { headers: { connection: 'close' } }));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['200 hi']));
    expect(asked()).toBe(before);
    await several.close();
  });

  test('goes by path and by host name, and nowhere else', async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map((greeting) => runtime.load('hello', { config: { greeting } })),
    );
    const listener = await listen([
      routeTo(() => one, { key: 'a', match: { kind: 'path', path: '/one' } }).route,
      routeTo(() => two, { key: 'b', match: { kind: 'header', header: 'x-site', value: 'two.example' } }).route,
    ]);
    for (let round = 0; round < 5; round++) {
      expect(await ask(listener, '/one?x=1')).toBe('200 one');
      expect(await ask(listener, '/other', { headers: { 'x-site': 'two.example' } })).toBe('200 two');
      expect(await ask(listener, '/other')).toBe('404 nothing is served here');
      expect(await ask(listener, '/one/more')).toBe('404 nothing is served here');
    }
    await listener.close();
  });

  test('whose guest fails is refused, and the next one is answered', async () => {
    const mirror = await runtime.load('mirror', { instances: 1 });
    const { listener, asked } = await settled(mirror);
    const before = asked();
    expect(await ask(listener, '/silent')).toBe('500 the actor failed');
    expect(await ask(listener, '/refuse')).toBe('500 the actor failed');
    await expect(ask(listener, '/cut')).rejects.toThrow(/terminated|fetch failed/);
    expect(await ask(listener, '/', { method: 'POST', body: 'still here' })).toBe('200 still here');
    expect(asked()).toBe(before);
    expect(errors.some((error) => error.includes('mirror failed: the component returned without an answer'))).toBe(
      true,
    );
    await expect.poll(() => mirror.inFlight).toBe(0);
    await listener.close();
  });

  test('streams both ways, as fast as its reader', async () => {
    const mirror = await runtime.load('mirror');
    const { listener } = await settled(mirror);
    const body = Buffer.alloc(3_000_000, 'abcdefg');
    const request = httpRequest({ port: listener.port, host: '127.0.0.1', method: 'POST' });
    request.end(body);
    const [answer] = (await once(request, 'response')) as [AsyncIterable<Uint8Array>];
    const parts: Uint8Array[] = [];
    for await (const part of answer) {
      if (parts.length === 0) await sleep(200);
      parts.push(part);
    }
    expect(Buffer.concat(parts).equals(body)).toBe(true);
    await listener.close();
  });

  test('that takes too long is refused, and costs the instance', async () => {
    const mirror = await runtime.load('mirror', { instances: 1, limits: { executionMs: 500 } });
    const { listener } = await settled(mirror);
    const request = httpRequest({ port: listener.port, host: '127.0.0.1', method: 'POST', path: '/' });
    request.write('a beginning');
    request.on('error', () => undefined);
    const [answer] = (await once(request, 'response')) as [AsyncIterable<Uint8Array>];
    const read = async (): Promise<void> => {
      for await (const part of answer) expect(String(part)).toBe('a beginning');
    };
    // Its answer had begun: what can be done is to break it off.
    await expect(read()).rejects.toThrow('aborted');
    expect(await ask(listener, '/', { method: 'POST', body: 'next' })).toBe('200 next');
    await expect.poll(() => mirror.inFlight).toBe(0);
    await listener.close();
  });

  test('of a client that goes gives its slot back', async () => {
    const mirror = await runtime.load('mirror', { instances: 1 });
    const { listener } = await settled(mirror);
    const agent = new Agent();
    const request = httpRequest({ port: listener.port, host: '127.0.0.1', method: 'POST', agent });
    request.on('error', () => undefined);
    request.write('half');
    await once(request, 'response');
    expect(mirror.inFlight).toBe(1);
    agent.destroy();
    request.destroy();
    expect(await ask(listener, '/', { method: 'POST', body: 'next' })).toBe('200 next');
    await expect.poll(() => mirror.inFlight).toBe(0);
    await listener.close();
  });

  test('waits its turn where all instances are busy, with those of the main thread', async () => {
    const mirror = await runtime.load('mirror', { instances: 2 });
    const { listener } = await settled(mirror);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => ask(listener, '/', { method: 'POST', body: `n${index}` })),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, index) => `200 n${index}`));
    await expect.poll(() => mirror.inFlight).toBe(0);
    await listener.close();
  });

  test('of a guest that calls others has its imports served', async () => {
    const greeter = await runtime.load('greeter');
    const seen: number[] = [];
    const host: HostFunctions = {
      ...noHost(),
      provides: () => true,
      invoke: (instance, func, args, { call, deadlineMs, signal }) => {
        seen.push(call);
        return greeter.call(instance, func, args, { deadlineMs, signal });
      },
    };
    const { listener, asked } = await settled(await runtime.load('front', { host }));
    const before = asked();
    const names = ['Ada', 'Grace', 'Edsger'];
    expect(await Promise.all(names.map((name) => ask(listener, `/${name}`)))).toEqual(
      names.map((name) => `200 Hello, ${name}!`),
    );
    expect(asked()).toBe(before);
    expect(new Set(seen).size).toBe(seen.length);
    await listener.close();
  });
});

describe('what clients do', () => {
  test('requests one behind the other are answered in order', async () => {
    const { listener } = await settled(await runtime.load('mirror'));
    const requests = [1, 2, 3].map((n) => `POST /${n} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n#${n}`).join('');
    const text = await say(listener, requests, (all) => all.includes('#3'));
    expect(text.match(/#\d/g)).toEqual(['#1', '#2', '#3']);
    await listener.close();
  });

  test.for([
    ['no HTTP', 'nonsense\r\n\r\n', '400'],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', '400'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', '400'],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(64 * 1024)}\r\n\r\n`, '431'],
  ] as const)('%s', async ([, bytes, status]) => {
    const { listener } = await settled(await runtime.load('mirror'));
    expect(await say(listener, bytes, (text) => text.includes('\r\n\r\n'))).toContain(`HTTP/1.1 ${status} `);
    expect(await ask(listener, '/', { method: 'POST', body: 'fine' })).toBe('200 fine');
    await listener.close();
  });
});

describe('an update', () => {
  test('loses no request', async () => {
    let current = await runtime.load('hello', { config: { greeting: 'v0' } });
    const { listener } = await settled(current, {});
    const { route } = routeTo(() => current, { key: 'new' });
    listener.route([route]);
    const answers: string[] = [];
    const over = new AbortController();
    const asking = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted) answers.push(await ask(listener));
    });
    for (let version = 1; version <= 5; version++) {
      const before = current;
      current = await runtime.load('hello', { config: { greeting: `v${version}` } });
      await before.drain();
      before.close();
      await expect.poll(() => answers.at(-1)).toBe(`200 v${version}`);
    }
    over.abort();
    await Promise.all(asking);
    expect(answers.every((answer) => answer.startsWith('200 v'))).toBe(true);
    await listener.close();
  });
});

describe('a guest that spins', () => {
  test('is ended at its deadline; its thread listens again, and keeps it out', async () => {
    // Long enough for a thread to begin anew and load both components, on a machine that is slow too.
    const mirror = await runtime.load('mirror', { limits: { executionMs: 3_000 } });
    const hello = await runtime.load('hello', { config: { greeting: 'hi' } });
    const { listener, asked } = await settled(mirror);
    const other = await listen([routeTo(() => hello).route]);
    await expect(ask(listener, '/spin')).rejects.toThrow('fetch failed');
    await expect.poll(() => ask(other).catch(() => 'not yet')).toBe('200 hi');
    expect(await ask(listener, '/', { method: 'POST', body: 'a' })).toBe('200 a');
    const before = asked();
    for (let round = 0; round < 5; round++) await ask(listener, '/', { method: 'POST', body: 'b' });
    expect(asked()).toBe(before + 5);
    expect(await ask(listener, '/spin')).toBe('504 no answer in time');
    await expect.poll(() => mirror.inFlight).toBe(0);
    await Promise.all([listener.close(), other.close()]);
  });
});

describe('an address', () => {
  test('of another program, or of another listener, is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(listen([], port)).rejects.toThrow(new ListenError('127.0.0.1', port, 'EADDRINUSE'));
    server.close();
    await once(server, 'close');
    const first = await listen([], port);
    await expect(listen([], port)).rejects.toThrow(ListenError);
    await first.close();
    await (await listen([], port)).close();
  });
});
