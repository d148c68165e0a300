/** Hosts of wasmCloud 1.x and the wRPC runtime of the same project, where the environment names them. */
import { LaunchedProgram, type NatsServer } from '@kasmcloud/testing';
import { LegacyLattice } from '../../interop/legacy-lattice.ts';
import { peers } from '../../interop/peers.ts';

/** How many calls an actor may have under way: as many as actors of ours may here. */
export const INSTANCES = 300;

/** A lattice of wasmCloud hosts; undefined, and said so, when `WASMCLOUD_HOST` names no program. */
export async function rustLattice(nats: NatsServer): Promise<LegacyLattice | undefined> {
  if (peers.host !== undefined) return LegacyLattice.open(nats, 'rust', peers.host);
  process.stderr.write('not compared with wasmCloud: WASMCLOUD_HOST names no host\n');
  return undefined;
}

/** Serves a component over wRPC with the program of `WRPC_WASMTIME`; undefined, and said so, when it names none. */
export async function serveWithWrpcWasmtime(
  natsUrl: string,
  lattice: string,
  id: string,
  image: string,
): Promise<LaunchedProgram | undefined> {
  if (peers.wrpc === undefined) {
    process.stderr.write('not compared with wrpc-wasmtime: WRPC_WASMTIME names no program\n');
    return undefined;
  }
  const prefix = `${lattice}.${id}`;
  const serve = ['nats', 'serve', '--nats', natsUrl, '--group', prefix, '--export', prefix, image];
  // Otherwise it writes a line for each call.
  const env = { RUST_LOG: 'error' };
  return LaunchedProgram.start({ program: peers.wrpc, args: serve, env, ready: () => Promise.resolve(true) });
}
