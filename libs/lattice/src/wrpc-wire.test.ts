import type { FuncType } from '@kasmcloud/wrpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectLattice } from './connect.ts';
import type { LatticeConnection } from './connection.ts';
import { PeerTrapError } from './error.ts';
import { invoke } from './invoke.ts';
import { alice, bob, bytes, closing, fresh, nats, notify, served, settled, string } from './two-ends.fixture.ts';

const address = { lattice: 'default', target: 'hello', instance: 'wrpc:keyvalue/store@0.2.0-draft', func: 'get' };
const subject = 'default.hello.wrpc.0.0.1.wrpc:keyvalue/store@0.2.0-draft.get';
const get: FuncType = {
  params: [
    { name: 'bucket', type: string },
    { name: 'key', type: string },
  ],
  result: { kind: 'result', ok: { kind: 'option', of: bytes }, err: string },
};
const params = Buffer.from('0764656661756c7407636f756e746572', 'hex');
const result = Buffer.from('0001023432', 'hex');
const found = { tag: 'ok', val: Uint8Array.of(0x34, 0x32) };
const args = ['default', 'counter'];
const headers = { 'source-id': 'x' };

let trace: string[];
let spy: LatticeConnection;
beforeEach(async () => {
  trace = [];
  const inboxes: string[] = [];
  spy = await connectLattice({ servers: nats.url, name: 'spy' });
  const short = (name: string): string => {
    const [, inbox, rest = ''] = /^(_INBOX\.[^.]+\.[^.]+)(.*)$/.exec(name) ?? [];
    if (inbox === undefined) return name;
    if (!inboxes.includes(inbox)) inboxes.push(inbox);
    return `${inboxes.indexOf(inbox) === 0 ? 'caller' : 'callee'}${rest}`;
  };
  spy.subscribe('>', ({ subject: to, reply, data }) => {
    // The reply subject names the caller's inbox first, so it is looked at before the subject.
    const answer = reply === undefined ? '' : ` reply=${short(reply)}`;
    trace.push(`${short(to)}${answer} ${Buffer.from(data).toString('hex')}`);
  });
  await spy.flush({ timeoutMs: 2_000 });
});
afterEach(() => spy.close());

const of = (side: string): string[] => trace.filter((line) => line.startsWith(`${side}.`));
const call = `${subject} reply=caller ${params.toString('hex')}`;
const accepted = 'caller reply=callee ';

test('a call by anybody is answered with the messages of wRPC 0.0.1', async () => {
  await served(alice, address, get, () => found);
  const accept = Promise.withResolvers<string>();
  const over = Promise.withResolvers<void>();
  const inbox = `${bob.newInbox()}.1`;
  bob.subscribe(inbox, ({ reply }) => accept.resolve(reply ?? ''));
  bob.subscribe(`${inbox}.results`, ({ data }) => data.length === 0 && over.resolve());
  bob.publish(subject, params, { reply: inbox, headers });
  bob.publish(`${await accept.promise}.params`);
  await over.promise;
  await expect.poll(() => trace.length).toBe(5);
  expect(trace.slice(0, 2)).toEqual([call, accepted]);
  expect(of('caller')).toEqual([`caller.results ${result.toString('hex')}`, 'caller.results ']);
  expect(of('callee')).toEqual(['callee.params ']);
});

test('anybody is called with the messages of wRPC 0.0.1', async () => {
  const inbox = `${alice.newInbox()}.1`;
  let caller = '';
  closing.push(
    alice.subscribe(subject, ({ reply = '' }) => {
      caller = reply;
      alice.publish(caller, undefined, { reply: inbox });
    }),
    alice.subscribe(`${inbox}.params`, ({ data }) => {
      if (data.length > 0) return;
      alice.publish(`${caller}.results`, result);
      alice.publish(`${caller}.results`);
    }),
  );
  await alice.flush({ timeoutMs: 2_000 });
  expect(await invoke(bob, address, get, args, { headers })).toEqual(found);
  await expect.poll(() => trace.length).toBe(5);
  expect(trace.slice(0, 3)).toEqual([call, accepted, 'callee.params ']);
  await settled();
});

test('between two of us a call is its parameters and its result', async () => {
  await served(alice, address, get, () => found);
  expect(await invoke(bob, address, get, args, { headers })).toEqual(found);
  await bob.flush({ timeoutMs: 2_000 });
  await expect.poll(() => trace).toEqual([call, `caller.results ${result.toString('hex')}`]);
  await settled();
});

test('between two of us a call that fails, or returns nothing, is ended', async () => {
  const [failing, quiet] = [fresh(), fresh()];
  await served(alice, failing, get, () => Promise.reject(new Error('no')));
  await served(alice, quiet, notify, () => undefined);
  await expect(invoke(bob, failing, get, args)).rejects.toThrow(PeerTrapError);
  expect(await invoke(bob, quiet, notify, ['hello'])).toBeUndefined();
  await expect.poll(() => trace.filter((line) => line.endsWith('.results ')).length).toBe(2);
  expect(trace.length).toBe(4);
  await settled();
});

test('a caller that says to have sent all its parameters has', async () => {
  await served(alice, address, get, () => found);
  const over = Promise.withResolvers<number>();
  const inbox = `${bob.newInbox()}.1`;
  bob.subscribe(`${inbox}.results`, ({ data }) => over.resolve(data.length));
  bob.publish(subject, params.subarray(0, 9), { reply: inbox, headers: { 'kasmcloud-whole': '1' } });
  expect(await over.promise).toBe(0);
  await settled();
});
