import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject } from '../schema/json.ts';
import { ProtobufError, decodeProtobuf } from './decode.ts';

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
};
const delimited = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};
const integer = (number: number, value: number): Buffer => Buffer.concat([varint(number * 8), varint(value)]);
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);

/** A body as kubectl sends it: magic, type, message. */
const body = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    delimited(1, message(delimited(1, apiVersion), delimited(2, kind))),
    delimited(2, raw),
    delimited(3, ''),
    delimited(4, ''),
  ]);

const isExpected = (error: Error): boolean => error instanceof ProtobufError || error instanceof SyntaxError;

const attempt = (decode: () => unknown): unknown => {
  try {
    return decode();
  } catch (error) {
    return error;
  }
};

describe('decodeProtobuf', () => {
  test('reads metadata, maps and bytes', () => {
    const entry = (key: string, value: string): Buffer => message(delimited(1, key), delimited(2, value));
    const metadata = message(
      delimited(1, 'name'),
      delimited(2, ''),
      integer(7, 0),
      delimited(8, ''),
      delimited(11, entry('app', 'x')),
      delimited(14, 'one'),
      delimited(14, 'two'),
    );
    const raw = message(delimited(1, metadata), delimited(2, entry('key', 'value')), delimited(3, 'Opaque'));
    expect(decodeProtobuf(body('v1', 'Secret', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'name', labels: { app: 'x' }, finalizers: ['one', 'two'] },
      data: { key: Buffer.from('value').toString('base64') },
      type: 'Opaque',
    });
  });

  test('reads times, numbers and what stands inline', () => {
    const renewTime = message(integer(1, 1_700_000_000), integer(2, 250_000_000));
    const lease = delimited(2, message(delimited(1, 'me'), integer(2, 15), delimited(4, renewTime), integer(5, 0)));
    expect(decodeProtobuf(body('coordination.k8s.io/v1', 'Lease', lease))['spec']).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      renewTime: '2023-11-14T22:13:20.250000Z',
      leaseTransitions: 0,
    });
    const port = message(integer(3, 80), delimited(4, message(integer(1, 1), delimited(3, 'http'))));
    const service = delimited(2, delimited(1, port));
    expect(decodeProtobuf(body('v1', 'Service', service))['spec']).toEqual({
      ports: [{ port: 80, targetPort: 'http' }],
    });
  });

  test.for([
    ['no magic', Buffer.from('nonsense')],
    ['an unknown kind', body('v1', 'Mystery', Buffer.alloc(0))],
    ['an unknown field', body('v1', 'Namespace', delimited(99, 'x'))],
    ['a cut message', body('v1', 'Namespace', Buffer.from([0x0a, 0x7f, 0x01]))],
    ['a wrong wire type', body('v1', 'Namespace', integer(1, 5))],
  ] as const)('refuses %s', ([, bytes]) => {
    expect(() => decodeProtobuf(bytes)).toThrow(ProtobufError);
  });

  test('any bytes give an object or a ProtobufError', () => {
    const kind = fc.constantFrom('Namespace', 'Secret', 'Deployment', 'DeleteOptions', 'constructor');
    fc.assert(
      fc.property(kind, fc.uint8Array({ maxLength: 80 }), (name, bytes) => {
        const outcome = attempt(() => decodeProtobuf(body('v1', name, Buffer.from(bytes))));
        expect(outcome).toSatisfy((value) => (value instanceof Error ? isExpected(value) : isObject(value)));
      }),
      { numRuns: 2000 },
    );
  });
});
