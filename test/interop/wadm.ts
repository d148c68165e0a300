import type { LatticeConnection } from '@kasmcloud/lattice';
import { LaunchedProgram, type NatsServer } from '@kasmcloud/testing';
import { wadmSubject } from '@kasmcloud/wire';

/** wasmCloud's own application deployment manager; resolves when it answers. */
export async function startWadm(
  program: string,
  nats: Pick<NatsServer, 'port'>,
  connection: LatticeConnection,
): Promise<LaunchedProgram> {
  return LaunchedProgram.start({
    program,
    args: [],
    env: { WADM_NATS_SERVER: `127.0.0.1:${nats.port}` },
    ready: () =>
      connection.request(wadmSubject.probe, new Uint8Array(0), { timeoutMs: 500 }).then(
        () => true,
        () => false,
      ),
    readyWithinMs: 60_000,
  });
}
