import { afterAll, describe, expect, test } from 'vitest';
import { ComponentError, DeadlineError, WitError } from '../error.ts';
import { get, textOf, openRuntime } from '../testing/harness.ts';

const runtime = await openRuntime();
afterAll(() => runtime.close());

async function* chunksOf(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(bytes, index);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('first');
  throw new Error('client went away');
}

async function* slow(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

describe('handleHttp', () => {
  test('answers with the config of the component, and logs', async () => {
    const config = { greeting: 'good day', 'kasmcloud.host': 'h-1', 'kasmcloud.region': 'eu' };
    const hello = await runtime.load('hello', { config });
    const response = await hello.handleHttp(get('/'));
    expect(response.status).toBe(200);
    expect(await textOf(response)).toBe('good day from h-1 in eu\n');
    expect(await response.trailers).toBeUndefined();
    expect(runtime.logged).toContainEqual(
      expect.objectContaining({ level: 'info', context: 'hello', message: 'good day from h-1 in eu' }),
    );
  });

  test('has a default without config, and takes new config for the next call', async () => {
    const hello = await runtime.load('hello');
    expect(await textOf(await hello.handleHttp(get('/')))).toBe('hello\n');
    hello.updateConfig({ greeting: 'salut' });
    expect(await textOf(await hello.handleHttp(get('/')))).toBe('salut\n');
  });

  test('a key of every object is not config', async () => {
    const hello = await runtime.load('hello', { config: JSON.parse('{"__proto__": {"greeting": "no"}}') });
    expect(await textOf(await hello.handleHttp(get('/')))).toBe('hello\n');
  });

  test('streams a body larger than every window through', async () => {
    const mirror = await runtime.load('mirror');
    const body = chunksOf(40, 50_000);
    const response = await mirror.handleHttp({ method: 'POST', pathWithQuery: '/', headers: [], body });
    const parts: Uint8Array[] = [];
    for await (const chunk of response.body) parts.push(chunk);
    const received = Buffer.concat(parts);
    expect(received.length).toBe(2_000_000);
    expect(received[1_999_999]).toBe(39);
    const sent = Array.from({ length: 40 }, (_, index) => Buffer.alloc(50_000, index));
    expect(received.equals(Buffer.concat(sent))).toBe(true);
  });

  test('a reader that stops early ends the guest, not the instance', async () => {
    const mirror = await runtime.load('mirror', { instances: 1 });
    const response = await mirror.handleHttp({ method: 'POST', headers: [], body: chunksOf(100, 50_000) });
    for await (const chunk of response.body) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    const next = await mirror.handleHttp({ method: 'POST', headers: [], body: chunksOf(1, 3) });
    expect(await textOf(next)).toBe('\0\0\0');
  });

  test('a request body that fails ends like one that is over, for a guest that does not ask', async () => {
    const mirror = await runtime.load('mirror');
    expect(await textOf(await mirror.handleHttp({ method: 'POST', headers: [], body: failing() }))).toBe('first');
  });

  test('a guest that answers with an error-code', async () => {
    const mirror = await runtime.load('mirror');
    await expect(mirror.handleHttp(get('/refuse'))).rejects.toThrow(new WitError({ tag: 'HTTP-request-denied' }));
  });

  test('a guest that does not answer traps', async () => {
    const mirror = await runtime.load('mirror');
    await expect(mirror.handleHttp(get('/silent'))).rejects.toThrow('returned without an answer');
  });

  test('a body that the guest cuts off fails for its reader, after what had come', async () => {
    const mirror = await runtime.load('mirror');
    const response = await mirror.handleHttp(get('/cut'));
    const parts: string[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of response.body) parts.push(Buffer.from(chunk).toString());
    };
    await expect(read()).rejects.toThrow('dropped a body unfinished');
    expect(parts).toEqual(['half']);
    await expect(response.trailers).rejects.toThrow('unfinished');
  });

  test('a deadline breaks the body of a response that had begun', async () => {
    const mirror = await runtime.load('mirror');
    const response = await mirror.handleHttp({ method: 'POST', headers: [], body: slow() }, { deadlineMs: 100 });
    await expect(textOf(response)).rejects.toThrow(DeadlineError);
  });

  test('many at once', async () => {
    const hello = await runtime.load('hello', { config: { greeting: 'hi' }, instances: 50 });
    const answers = await Promise.all(
      Array.from({ length: 500 }, async () => textOf(await hello.handleHttp(get('/')))),
    );
    expect(new Set(answers)).toEqual(new Set(['hi\n']));
    await hello.drain();
    expect(hello.inFlight).toBe(0);
  });

  test('a component without a handler says so', async () => {
    const greeter = await runtime.load('greeter');
    await expect(greeter.handleHttp(get('/'))).rejects.toThrow(ComponentError);
    await expect(greeter.handleHttp(get('/'))).rejects.toThrow('greeter exports no wasi:http/incoming-handler');
  });
});

describe('links', () => {
  test('one component calls another through the host', async () => {
    const greeter = await runtime.load('greeter');
    const front = await runtime.load('front', {
      host: {
        provides: (instance) => instance === 'example:greet/greeter@0.1.0',
        invoke: (instance, func, args, { deadlineMs, signal }) =>
          greeter.call(instance, func, args, { deadlineMs, signal }),
        log: () => undefined,
      },
    });
    const answers = ['Ada', 'Grace', 'Ünal'].map(async (name) => textOf(await front.handleHttp(get(`/${name}`))));
    expect(await Promise.all(answers)).toEqual(['Hello, Ada!', 'Hello, Grace!', 'Hello, Ünal!']);
  });

  test('an error case where the import has none traps the caller', async () => {
    const front = await runtime.load('front', {
      host: { provides: () => true, invoke: () => Promise.reject(new WitError('no such link')), log: () => undefined },
    });
    await expect(front.handleHttp(get('/Ada'))).rejects.toThrow(
      'front wasi:http/incoming-handler@0.2.0 trapped: example:greet/greeter@0.1.0.greet failed: result error: no such link',
    );
  });
});
