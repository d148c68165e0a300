import { join } from 'node:path';
import { freePort, LaunchedProgram } from '@kasmcloud/testing';
import { HELLO } from './lattice.ts';

const repository = join(import.meta.dirname, '..', '..', '..');

/** The hello component as jco serves it: its own bindings, and preview2-shim's HTTP server. */
export class ShimServer implements AsyncDisposable {
  readonly port: number;
  readonly #program: LaunchedProgram;

  private constructor(port: number, program: LaunchedProgram) {
    this.port = port;
    this.#program = program;
  }

  /** `hostName` is what the component says of its host. */
  static async start(hostName: string): Promise<ShimServer> {
    const port = await freePort();
    const program = await LaunchedProgram.start({
      program: process.execPath,
      args: [join(import.meta.dirname, 'shim-server.mjs'), join(repository, HELLO), String(port), hostName],
      ready: async () => {
        try {
          return (await fetch(`http://127.0.0.1:${port}/`)).ok;
        } catch {
          return false;
        }
      },
    });
    return new ShimServer(port, program);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop('SIGKILL');
  }
}
