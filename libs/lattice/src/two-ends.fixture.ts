import { startNats, type NatsServer } from '@kasmcloud/testing';
import type { FuncType, WitType } from '@kasmcloud/wrpc';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { connectLattice } from './connect.ts';
import type { LatticeConnection } from './connection.ts';
import type { WrpcAddress } from './invoke.ts';
import { serve, type CallHandler, type ServeOptions } from './serve.ts';

export const bytes: WitType = { kind: 'list', of: { kind: 'u8' } };
export const string: WitType = { kind: 'string' };
export const upper: FuncType = { params: [{ name: 'text', type: string }], result: string };
export const notify: FuncType = { params: [{ name: 'text', type: string }] };

/** For the tests of the file that imports this. */
export let nats: NatsServer;
export let alice: LatticeConnection;
export let bob: LatticeConnection;

beforeAll(async () => {
  nats = await startNats();
  alice = await connectLattice({ servers: nats.url, name: 'alice' });
  bob = await connectLattice({ servers: nats.url, name: 'bob' });
});
afterAll(async () => {
  await alice.close();
  await bob.close();
  await nats.close();
});

let count = 0;
/** A function that no other test serves. */
export const fresh = (): WrpcAddress => ({
  lattice: 'default',
  target: `target-${count++}`,
  instance: 'test:calls/api@1.2.3',
  func: 'run',
});

/** Closed after each test. */
export const closing: { close(): void }[] = [];
export const served = async (
  at: LatticeConnection,
  address: WrpcAddress,
  type: FuncType,
  handler: CallHandler,
  options?: ServeOptions,
): Promise<void> => {
  closing.push(serve(at, address, type, handler, options));
  // The subscription must reach the server before another connection's call does.
  await at.flush({ timeoutMs: 2_000 });
};
afterEach(() => {
  for (const one of closing.splice(0)) one.close();
});
/** Nothing of a finished call stays behind. */
export const settled = async (): Promise<void> => {
  await expect.poll(() => alice.inbox.size + bob.inbox.size).toBe(0);
};
