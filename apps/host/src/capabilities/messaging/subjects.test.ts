import { expect, test } from 'vitest';
import { publishRefusal, subscribeRefusal } from './subjects.ts';

test.for(['orders.new', 'orders', '_INBOX.abc.1', 'wasmbusses.a', 'a.b.c.d'])(
  'an actor may publish to %s',
  (subject) => {
    expect(publishRefusal(subject, 'shop')).toBeUndefined();
  },
);

test.for([
  'wasmbus.ctl.v1.shop.host.ping',
  'wadm.api.shop.model.put',
  '$JS.API.INFO',
  '$KV.LATTICEDATA_shop.x',
  'shop.web.wrpc.0.0.1.x',
  'other.web.wrpc.0.0.1.x',
  'a.*',
  'a.>',
  'a b',
  '.a',
  '',
])('but not to %j', (subject) => {
  expect(publishRefusal(subject, 'shop')).toContain(subject);
});

test.for(['orders.new', 'orders.*', 'orders.>', 'a.*.c', 'a.*.*.d'])('an actor may listen to %s', (subject) => {
  expect(subscribeRefusal(subject, 'shop')).toBeUndefined();
});

test.for(['>', '*', '*.orders', 'shop.>', 'wasmbus.>', '$SYS.>', '_INBOX.>', 'other.web.wrpc.>', 'a.>.b', 'a.b*', ''])(
  'but not to %j',
  (subject) => {
    expect(subscribeRefusal(subject, 'shop')).toContain(subject);
  },
);
