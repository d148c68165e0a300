import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeInventoryReply, decodePingReply } from './control.ts';
import { WireError } from './error.ts';
import { decodeEvent } from './events.ts';
import { decodeComponentSpec, decodeConfig } from './kv.ts';
import { encodeJson } from './payload.ts';

const inventory = {
  components: [{ id: 'c', image_ref: 'r:1', annotations: { a: 'b' }, revision: 0, max_instances: 1, limits: null }],
  providers: [{ id: 'p', image_ref: 'p:1', revision: 0 }],
  host_id: 'N1',
  friendly_name: 'moon',
  labels: { zone: 'a' },
  version: '1.9.2',
  uptime_human: '1s',
  uptime_seconds: 1,
};
const link = { source_id: 'a', target: 'b', wit_namespace: 'wasi', wit_package: 'http', interfaces: ['x'] };
const host = { id: 'N1', labels: {}, lattice: 'shop', uptime_seconds: 1 };
const event = (name: string, data: unknown): object => ({
  specversion: '1.0',
  id: '1',
  type: `com.wasmcloud.lattice.${name}`,
  source: 'N1',
  data,
});

/** Each parser of what strangers send, with payloads that it takes. */
const parsers: readonly [string, (bytes: Uint8Array) => unknown, readonly object[]][] = [
  [
    'event',
    decodeEvent,
    [
      event('host_heartbeat', inventory),
      event('labels_changed', { labels: {} }),
      event('linkdef_set', link),
      event('component_scaled', { image_ref: 'r', max_instances: 1, component_id: 'c' }),
    ],
  ],
  ['ping', decodePingReply, [{ success: true, message: '', response: host }]],
  ['inventory', decodeInventoryReply, [{ success: true, message: '', response: inventory }]],
  ['component spec', decodeComponentSpec, [{ url: 'r:1', links: [link] }]],
  ['config', decodeConfig, [{ a: '1', b: '' }]],
];

/** Undefined for what was refused as it should be; anything else that is thrown is a crash. */
const outcome = (decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown => {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
};

const strange = fc.oneof(
  fc.constantFrom(null, true, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, '', '\u0000', [], {}, { __proto__: null }),
  fc.string({ maxLength: 5_000 }),
  fc.jsonValue(),
);

/** The value with one of its parts, however deep, replaced. */
function* replacedParts(value: unknown, part: unknown): Generator {
  yield part;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    for (const changed of replacedParts(inner, part))
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
}

test.for(parsers)('%s: what it is made for is taken', ([, decode, good]) => {
  for (const value of good) expect(outcome(decode, encodeJson(value))).toBeDefined();
});

test.for(parsers)('%s: any bytes end in a value or a WireError', ([, decode]) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void outcome(decode, bytes)));
  expect(outcome(decode, Uint8Array.of(0xff, 0xfe))).toBeUndefined();
});

test.for(parsers)('%s: a payload that was cut off is refused', ([, decode, good]) => {
  for (const value of good) {
    const bytes = encodeJson(value);
    for (let end = 0; end < bytes.length; end++) expect(outcome(decode, bytes.subarray(0, end))).toBeUndefined();
  }
});

test.for(parsers)(
  '%s: with any part replaced by something strange it ends in a value or a WireError',
  ([, decode, good]) => {
    expect.hasAssertions();
    fc.assert(
      fc.property(strange, (part) => {
        for (const value of good)
          for (const changed of replacedParts(value, part)) {
            const bytes = new TextEncoder().encode(JSON.stringify(changed));
            expect(() => outcome(decode, bytes)).not.toThrow();
          }
      }),
      { numRuns: 50 },
    );
  },
);

test.for(parsers)('%s: depth is no way to break it', ([, decode]) => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(outcome(decode, new TextEncoder().encode(deep))).toBeUndefined();
  expect(() => outcome(decode, new TextEncoder().encode(`{"data":${deep}}`))).not.toThrow();
});
