/** A lattice over two clusters with a host each, one repeater, and clients of the lattice that may do everything. */
import { controlSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, vi } from 'vitest';
import { BridgeWorld, grant, LATTICE, LATTICE_RIGHTS, nkey, nothing } from '../bridge.fixture.ts';

/** The host `hub-1` of the hub, and `eu-1` of the member. */
export const one = nkey('A');
export const two = nkey('B');
export const soon = { timeout: 60_000 };

/** For the tests of one file: starts before the first, ends after the last. */
export function controlledWorld(): () => BridgeWorld {
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
  let world: BridgeWorld | undefined;
  beforeAll(async () => {
    world = await BridgeWorld.start();
    for (const cluster of [world.hub, world.eu]) await grant(cluster, LATTICE_RIGHTS);
    await grant(world.hub, { wasmcloudhosts: ['get', 'patch'] }, 'lattice-hosts');
    await world.host(world.hub, 'hub-1', one);
    await world.host(world.eu, 'eu-1', two);
    await world.repeater('solo');
    const { tool } = world;
    const living = async (): Promise<number> =>
      (await tool.scatter(controlSubject.hostPing(LATTICE), nothing, { waitMs: 300 })).length;
    await vi.waitUntil(async () => (await living()) === 2, soon);
  }, 60_000);
  afterAll(async () => world?.close());
  return () => {
    if (world === undefined) throw new TypeError('the world is not there yet');
    return world;
  };
}
