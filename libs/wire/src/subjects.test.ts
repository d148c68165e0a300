import { expect, test } from 'vitest';
import { SubjectError } from './error.ts';
import { configBucket, latticeBucket } from './kv.ts';
import {
  controlPath,
  controlSubject,
  eventSubject,
  hostControlSubject,
  isInbox,
  parseWadmSubject,
  sharedControl,
  wadmSubject,
  wrpcQueue,
  wrpcSubject,
} from './subjects.ts';

test.for([
  [controlSubject.hostPing('default'), 'wasmbus.ctl.v1.default.host.ping'],
  [controlSubject.hostGet('default', 'NABC'), 'wasmbus.ctl.v1.default.host.get.NABC'],
  [controlSubject.componentScale('default', 'NABC'), 'wasmbus.ctl.v1.default.component.scale.NABC'],
  [controlSubject.componentAuction('default'), 'wasmbus.ctl.v1.default.component.auction'],
  [controlSubject.configPut('default', 'db'), 'wasmbus.ctl.v1.default.config.put.db'],
  [hostControlSubject('default', 'provider', 'NABC'), 'wasmbus.ctl.v1.default.provider.*.NABC'],
  [sharedControl('default', 'claims').subject, 'wasmbus.ctl.v1.default.claims.get'],
  [sharedControl('default', 'claims').queue, 'wasmbus.ctl.v1.default.claims'],
  [sharedControl('default', 'link').subject, 'wasmbus.ctl.v1.default.link.*'],
  [sharedControl('default', 'config').subject, 'wasmbus.ctl.v1.default.config.>'],
  [sharedControl('default', 'config').queue, 'wasmbus.ctl.v1.default.config'],
  [eventSubject('default', 'host_heartbeat'), 'wasmbus.evt.default.host_heartbeat'],
  [
    wrpcSubject('default', 'http_hello', 'wrpc:http/incoming-handler@0.1.0', 'handle'),
    'default.http_hello.wrpc.0.0.1.wrpc:http/incoming-handler@0.1.0.handle',
  ],
  [wrpcSubject('l', 'kv', 'a:b/c', '[method]bucket.get'), 'l.kv.wrpc.0.0.1.a:b/c.bucket.get'],
  [wrpcSubject('l', 'kv', 'a:b/c', '[static]bucket.open'), 'l.kv.wrpc.0.0.1.a:b/c.bucket.open'],
  [wrpcSubject('l', 'kv', 'a:b/c', '[constructor]bucket'), 'l.kv.wrpc.0.0.1.a:b/c.bucket'],
  [wrpcSubject('l', 'x', '', 'run'), 'l.x.wrpc.0.0.1.run'],
  [wrpcQueue('default', 'http_hello'), 'default.http_hello'],
  [wadmSubject.request('default', 'deploy', 'my-app'), 'wadm.api.default.model.deploy.my-app'],
  [wadmSubject.request('default', 'put'), 'wadm.api.default.model.put'],
  [latticeBucket('eu-shop'), 'LATTICEDATA_eu-shop'],
  [configBucket('eu-shop'), 'CONFIGDATA_eu-shop'],
])('%s', ([made, want]) => {
  expect(made).toBe(want);
});

test.for(['', 'a.b', 'a b', '*', '>', 'a\r\nPUB x 0', 'a\u0000', 'x'.repeat(600)])(
  'the name %j cannot leave its token',
  (name) => {
    expect(() => controlSubject.hostPing(name)).toThrow(SubjectError);
    expect(() => eventSubject('default', name)).toThrow(SubjectError);
    expect(() => wrpcSubject('default', name, 'a:b/c', 'f')).toThrow(SubjectError);
    expect(() => latticeBucket(name)).toThrow(SubjectError);
  },
);

test.for(['a..b', '.a', 'a.', 'a *', 'a.>', 'f\n'])('the function name %j is refused', (func) => {
  expect(() => wrpcSubject('default', 'x', 'a:b/c', func)).toThrow(SubjectError);
});

test.for([
  ['_INBOX.abc.def', true],
  ['_INBOX.abc', true],
  ['_INBOX_alice.abc.def', true],
  ['_INBOX', false],
  ['_INBOX.', false],
  ['_INBOX.*', false],
  ['_INBOX.a..b', false],
  ['wasmbus.ctl.v1.default.host.stop.N', false],
  ['$JS.API.STREAM.DELETE.x', false],
] as const)('%s is an inbox: %s', ([subject, yes]) => {
  expect(isInbox(subject)).toBe(yes);
});

const request = (operation: string, name?: string): object => ({
  kind: 'request',
  lattice: 'default',
  operation,
  name,
});
test.for([
  ['wadm.api.default.model.put', request('put')],
  ['wadm.api.default.model.get.app', request('get', 'app')],
  ['wadm.api', { kind: 'invalid', reason: 'Expected to find lattice ID' }],
  ['wadm.api.default', { kind: 'invalid', reason: 'Expected to find API category' }],
  [
    'AXYZ.wadm.api.default.model.get.a',
    { kind: 'request', account: 'AXYZ', lattice: 'default', operation: 'get', name: 'a' },
  ],
  ['.wadm.api.default.model.get', { kind: 'invalid', reason: 'Expected to find account ID in multitenant subject' }],
  ['a.b.wadm.api.default.model.get', { kind: 'invalid', reason: 'Expected to find account ID in multitenant subject' }],
  ['A.wadm.api.default.model', { kind: 'invalid', reason: 'Expected to find operation' }],
  ['wadm.api.default.other', { kind: 'invalid', reason: 'Expected to find API category' }],
  ['wadm.api.default.model', { kind: 'invalid', reason: 'Expected to find operation' }],
  ['wadm.api.default.model.get.a.b', { kind: 'invalid', reason: expect.stringContaining('Found extra components') }],
] as const)('%s', ([subject, want]) => {
  expect(parseWadmSubject(subject)).toEqual(want);
});

test('the path of a control subject begins after its lattice', () => {
  expect(controlPath('shop', 'wasmbus.ctl.v1.shop.component.scale.NABC')).toEqual(['component', 'scale', 'NABC']);
  expect(controlPath('shop', 'wasmbus.ctl.v1.shopper.link.put')).toEqual([]);
});
