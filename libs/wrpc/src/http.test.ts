import { describe, expect, test } from 'vitest';
import { StreamDecoder } from './decode-stream.ts';
import { ValueDecoder, type OpenAsync } from './decode.ts';
import { encodeFuture, encodeStreamChunk, encodeValues } from './encode.ts';
import { WrpcDecodeError, WrpcTypeError } from './error.ts';
import { httpErrorCode, httpIncomingHandle, httpOutgoingHandle } from './http.ts';
import { fromWitRequest, toWitRequest, toWitResponse, type WitRequest } from './http-message.ts';
import { signatureOf } from './signature.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (two) => parseInt(two, 16));
const show = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
const incoming = signatureOf(httpIncomingHandle);
const open: OpenAsync = (path, type, inline) => ({ path, kind: type.kind, ...inline });

const getRequest = hex(
  `00 00 00 01 01 2f 01 00 01 0e 6c 6f 63 61 6c 68 6f 73 74 3a 38 30 38 30
   01 04 68 6f 73 74 01 0e 6c 6f 63 61 6c 68 6f 73 74 3a 38 30 38 30`,
);

describe('wrpc:http on the wire', () => {
  test('the nested paths are those of body and trailers', () => {
    expect(incoming.paramPaths).toEqual(['0.0', '0.1']);
    expect(incoming.resultPaths).toEqual(['0.0', '0.1']);
    expect(signatureOf(httpIncomingHandle)).toBe(incoming);
  });

  test('GET / with one header', async () => {
    const request = {
      method: 'GET',
      pathWithQuery: '/',
      scheme: 'http',
      authority: 'localhost:8080',
      headers: [['host', 'localhost:8080'] as const],
    };
    const { bytes, pending } = encodeValues(incoming.params, [toWitRequest(request)]);
    expect(show(bytes)).toBe(show(getRequest));
    expect(pending.map((one) => [one.path.join('.'), one.type.kind])).toEqual([
      ['0.0', 'stream'],
      ['0.1', 'future'],
    ]);
    expect(await (pending[1]?.value as Promise<unknown>)).toBeUndefined();

    const decoder = new ValueDecoder(incoming.params, {
      open: (path, type) => (type.kind === 'future' ? Promise.resolve(undefined) : { path }),
    });
    decoder.push(getRequest);
    const back = fromWitRequest(decoder.values[0] as WitRequest);
    expect({ ...back, body: undefined, trailers: undefined }).toEqual({
      ...request,
      body: undefined,
      trailers: undefined,
    });
  });

  test('POST with a repeated header', () => {
    const wit = toWitRequest({
      method: 'post',
      pathWithQuery: '/a?b=1',
      scheme: 'http',
      authority: 'x',
      headers: [
        ['content-type', 'text/plain'],
        ['accept', 'a'],
        ['Accept', 'b'],
      ],
    });
    expect(show(encodeValues(incoming.params, [wit]).bytes)).toBe(
      show(
        hex(`00 00 02 01 06 2f613f623d31 01 00 01 01 78 02 0c 636f6e74656e742d74797065 01 0a 746578742f706c61696e
             06 616363657074 02 01 61 01 62`),
      ),
    );
  });

  test('a response of 200', () => {
    const val = toWitResponse({ status: 200, headers: [['content-type', 'text/plain']] });
    expect(show(encodeValues(incoming.results, [{ tag: 'ok', val }]).bytes)).toBe(
      show(hex('00 00 00 c8 01 01 0c 636f6e74656e742d74797065 01 0a 746578742f706c61696e')),
    );
  });

  test.for([
    { error: { tag: 'internal-error', val: 'boom' }, wire: '01 26 01 04 62 6f 6f 6d' },
    { error: { tag: 'connection-refused' }, wire: '01 06' },
  ])('error $error.tag', ({ error, wire }) => {
    expect(show(encodeValues(incoming.results, [{ tag: 'err', val: error }]).bytes)).toBe(show(hex(wire)));
  });

  test('every error code has the index of its place', () => {
    expect(httpErrorCode.kind === 'variant' && httpErrorCode.cases.length).toBe(39);
  });

  test('request options of outgoing-handler', () => {
    const options = httpOutgoingHandle.params.slice(1);
    const ns = 600_000_000_000n;
    const all = { connectTimeout: ns, firstByteTimeout: ns, betweenBytesTimeout: ns };
    expect(show(encodeValues(options, [all]).bytes)).toBe(
      show(hex('01 01 80e0a596bb11 01 80e0a596bb11 01 80e0a596bb11')),
    );
    expect(show(encodeValues(options, [undefined]).bytes)).toBe('00');
  });

  test('body and trailers sent inline are understood', () => {
    const decoder = new ValueDecoder(incoming.results, { open });
    decoder.push(hex('00 05 68656c6c6f 01 00 c8 01 00'));
    expect(decoder.values).toEqual([
      {
        tag: 'ok',
        val: {
          body: { path: '0.0', kind: 'stream', value: new TextEncoder().encode('hello') },
          trailers: { path: '0.1', kind: 'future', value: undefined },
          status: 200,
          headers: [],
        },
      },
    ]);
  });
});

describe('nested subjects', () => {
  test('a body in chunks, ended by an empty one', () => {
    expect(show(encodeStreamChunk({ kind: 'u8' }, new TextEncoder().encode('hello')))).toBe('05 68 65 6c 6c 6f');
    expect(show(encodeStreamChunk({ kind: 'u8' }, []))).toBe('00');
    const decoder = new StreamDecoder({ kind: 'u8' });
    expect(decoder.push(hex('05 68 65'))).toEqual([hex('68 65')]);
    expect(decoder.push(hex('6c 6c 6f 01 21 00'))).toEqual([hex('6c 6c 6f 21')]);
    expect(decoder.ended).toBe(true);
    expect(decoder.push(hex('01 21'))).toEqual([]);
  });

  test('a stream of strings comes chunk by chunk', () => {
    const decoder = new StreamDecoder({ kind: 'string' });
    expect(decoder.push(hex('02 01 61'))).toEqual([]);
    expect(decoder.push(hex('01 62 01 01 63'))).toEqual([['a', 'b'], ['c']]);
    decoder.end();
    expect(decoder.ended).toBe(true);
  });

  test('a stream that ends within a chunk is refused', () => {
    const decoder = new StreamDecoder({ kind: 'u8' });
    decoder.push(hex('05 68'));
    expect(() => decoder.end()).toThrow(WrpcDecodeError);
  });

  test('chunks of nothing cost their sender too', () => {
    const decoder = new StreamDecoder({ kind: 'tuple', of: [] }, { maxElements: 1_000 });
    expect(() => decoder.push(hex('84 07 84 07'))).toThrow(/passes the limit/);
  });

  test('a future is bare', () => {
    expect(show(encodeFuture({ kind: 'option', of: { kind: 'string' } }, undefined))).toBe('00');
    expect(encodeFuture(undefined, undefined).length).toBe(0);
  });

  test('a stream inside a list is refused before anything is sent', () => {
    const type = { kind: 'list' as const, of: { kind: 'stream' as const } };
    expect(() => signatureOf({ params: [{ name: 'p', type }] })).toThrow(WrpcTypeError);
  });
});
