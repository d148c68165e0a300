import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ctlOk, decodeInventoryReply, decodePingReply, humanUptime } from './control.ts';
import { WireError } from './error.ts';
import { decodeEvent, encodeEvent, type HostEvent } from './events.ts';
import { decodeComponentSpec, decodeConfig } from './kv.ts';
import { encodeJson } from './payload.ts';
import { decodeVersionRequest, encodeWadmEvent, encodeWadmReply, wadmStatus } from './wadm.ts';

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

const hostId = 'NDAPYYNPO2QYRGIGDOZOM3SC6UXMRRYAJZG3FBKPJ4Y5GPUTKQ3LAAAA';
const inventory = {
  components: [
    {
      id: 'hello',
      image_ref: 'ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0',
      name: 'http-hello-world',
      annotations: { 'wasmcloud.dev/managed-by': 'wadm' },
      revision: 0,
      max_instances: 10,
      limits: null,
    },
  ],
  providers: [{ id: 'http-server', image_ref: 'ghcr.io/wasmcloud/http-server:0.27.0', revision: 0, annotations: {} }],
  host_id: hostId,
  friendly_name: 'silent-moon-4242',
  labels: { 'hostcore.os': 'linux' },
  version: '1.9.2',
  uptime_human: '1m 4s',
  uptime_seconds: 64,
};

/** The name of an error that a decoder must not throw. */
const faultOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof WireError ? 'none' : String(error);
  }
};

describe('control', () => {
  test('the reply of a host to a ping', () => {
    const response = {
      rpc_host: 'nats://127.0.0.1:4222',
      ctl_host: 'nats://127.0.0.1:4222',
      friendly_name: 'silent-moon-4242',
      id: hostId,
      labels: { 'hostcore.arch': 'x86_64' },
      lattice: 'default',
      uptime_human: '1m 4s',
      uptime_seconds: 64,
      version: '1.9.2',
    };
    expect(decodePingReply(json({ success: true, message: '', response, later: 1 }))).toEqual(ctlOk(response));
  });

  test('the inventory of a host', () => {
    expect(decodeInventoryReply(json(ctlOk(inventory)))).toEqual(ctlOk(inventory));
  });

  test('an inventory that still says actors', () => {
    const { components: actors, ...rest } = inventory;
    expect(decodeInventoryReply(json(ctlOk({ actors, ...rest }))).response?.components).toEqual(actors);
  });

  test('a refusal has no response', () => {
    expect(decodePingReply(json({ success: false, message: 'no' }))).toEqual({ success: false, message: 'no' });
  });

  test.for([
    [0, '0s'],
    [64, '1m 4s'],
    [3_600, '1h'],
    [93_784, '1day 2h 3m 4s'],
    [172_800, '2days'],
  ] as const)('%d seconds are %s', ([seconds, want]) => {
    expect(humanUptime(seconds)).toBe(want);
  });
});

describe('events', () => {
  const id = '018f3a4c-5b6d-7e8f-9012-3456789abcde';
  const time = '2026-02-05T12:34:56.789Z';
  const events: HostEvent[] = [
    {
      name: 'host_started',
      id,
      source: hostId,
      data: { friendly_name: 'a', labels: {}, uptime_seconds: 0, version: '1.0.0' },
    },
    { name: 'host_heartbeat', id, source: hostId, data: inventory },
    { name: 'host_stopped', id, source: hostId, data: { labels: { a: 'b' } } },
    {
      name: 'component_scaled',
      id,
      source: hostId,
      data: { annotations: {}, host_id: hostId, image_ref: 'r', max_instances: 3, component_id: 'c' },
    },
    {
      name: 'provider_started',
      id,
      source: hostId,
      data: { host_id: hostId, image_ref: 'r', provider_id: 'p', annotations: {} },
    },
    {
      name: 'provider_stopped',
      id,
      source: hostId,
      data: { host_id: hostId, provider_id: 'p', annotations: {}, reason: 'stop' },
    },
  ];
  test.for(events)('$name goes out and comes back', (event) => {
    const bytes = encodeEvent({ ...event, time });
    expect(decodeEvent(bytes)).toEqual(event);
    expect(parse(bytes)).toMatchObject({ specversion: '1.0', type: `com.wasmcloud.lattice.${event.name}`, time });
  });

  test('an event that nobody here reads is still a sign of life', () => {
    const type = 'com.wasmcloud.lattice.registry_put';
    expect(decodeEvent(json({ specversion: '1.0', id, type, source: hostId, data: 1 }))).toEqual({
      id,
      source: hostId,
      name: 'other',
      type,
    });
  });

  test.for([
    { change: { specversion: '2.0' }, field: 'specversion' },
    { change: { source: '' }, field: 'source' },
    { change: { data: { ...inventory, components: [{ id: 'x' }] } }, field: 'components.0.image_ref' },
    { change: { data: { ...inventory, labels: { a: 1 } } }, field: 'labels.a' },
    { change: { data: undefined }, field: '' },
  ])('the error names $field', ({ change, field }) => {
    const event = {
      specversion: '1.0',
      id,
      type: 'com.wasmcloud.lattice.host_heartbeat',
      source: hostId,
      data: inventory,
    };
    expect(() => decodeEvent(json({ ...event, ...change }))).toThrow(
      expect.objectContaining({ name: 'WireError', field }),
    );
  });
});

describe('key-value', () => {
  const link = {
    source_id: 'hello',
    target: 'kv',
    name: 'default',
    wit_namespace: 'wasi',
    wit_package: 'keyvalue',
    interfaces: ['store', 'atomics'],
    source_config: [],
    target_config: ['redis-url'],
  };
  test('a component spec', () => {
    expect(decodeComponentSpec(json({ url: 'r', links: [link] }))).toEqual({ url: 'r', links: [link] });
    const short = { ...link, name: undefined, source_config: undefined };
    expect(decodeComponentSpec(json({ url: 'r', links: [short] })).links).toEqual([link]);
  });
  test('config is a map of strings', () => {
    expect(decodeConfig(json({ a: 'b' }))).toEqual({ a: 'b' });
    expect(() => decodeConfig(json({ a: 1 }))).toThrow(/config payload is not valid: a:/);
  });
});

describe('wadm', () => {
  test.for([
    ['', undefined],
    ['{}', undefined],
    ['{"version":null}', undefined],
    ['{"version":"v0.0.1"}', 'v0.0.1'],
  ] as const)('a request with the body %j names version %s', ([body, want]) => {
    expect(decodeVersionRequest(new TextEncoder().encode(body))).toBe(want);
  });

  test('replies and events have the shapes that clients expect', () => {
    expect(wadmStatus({ type: 'deployed' })).toEqual({ status: { type: 'deployed' }, version: '', components: [] });
    expect(parse(encodeWadmReply({ result: 'notfound', message: 'm', name: 'a', version: null }))).toEqual({
      result: 'notfound',
      message: 'm',
      name: 'a',
      version: null,
    });
    expect(
      parse(encodeWadmEvent({ id: '1', time: 't', name: 'manifest_unpublished', data: { name: 'app' } })),
    ).toMatchObject({ type: 'com.wadm.manifest_unpublished', source: 'wadm', data: { name: 'app' } });
  });
});

describe('whatever arrives', () => {
  const decoders = [
    decodeEvent,
    decodePingReply,
    decodeInventoryReply,
    decodeComponentSpec,
    decodeConfig,
    decodeVersionRequest,
  ];
  const almost = fc.record({
    specversion: fc.constantFrom('1.0', '2', null),
    id: fc.anything(),
    source: fc.string({ minLength: 1 }),
    type: fc.constantFrom('com.wasmcloud.lattice.host_heartbeat', 'com.wasmcloud.lattice.component_scaled', 'x'),
    data: fc.jsonValue(),
    success: fc.boolean(),
    message: fc.string(),
    response: fc.jsonValue(),
  });

  test('bytes are a value or a WireError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of decoders) expect(faultOf(() => decode(bytes))).toBe('none');
      }),
    );
  });

  test('JSON is a value or a WireError', () => {
    const plain = almost.map((value) => new TextEncoder().encode(JSON.stringify({ ...value, id: 'x' })));
    fc.assert(
      fc.property(fc.oneof(plain, fc.jsonValue().map(json)), (bytes) => {
        for (const decode of decoders) expect(faultOf(() => decode(bytes))).toBe('none');
      }),
    );
  });

  test('a name that is special in JavaScript is only a name', () => {
    const bytes = new TextEncoder().encode('{"__proto__":"x","constructor":"y"}');
    expect(Object.getPrototypeOf(decodeConfig(bytes))).toBe(Object.prototype);
    expect(parse(encodeJson(decodeConfig(bytes)))).toMatchObject({ constructor: 'y' });
  });
});
