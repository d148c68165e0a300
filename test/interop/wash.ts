import { execFile } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';

/** More than wash itself ever waits. */
const DEADLINE_MS = 60_000;

export interface WashOptions {
  /** Path of the program. */
  readonly program: string;
  /** Folder for its contexts and settings. */
  readonly home: string;
  readonly natsPort: number;
  readonly lattice: string;
}

export interface Said {
  readonly code: number;
  readonly text: string;
}

/** wasmCloud's own shell, asked as a person would: what it prints is what a person sees. */
export class Wash {
  readonly #options: WashOptions;

  constructor(options: WashOptions) {
    this.#options = options;
  }

  async run(args: readonly string[]): Promise<Said> {
    const { program, home, natsPort, lattice } = this.#options;
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      WASMCLOUD_LATTICE: lattice,
      WASMCLOUD_CTL_PORT: String(natsPort),
      WASMCLOUD_RPC_PORT: String(natsPort),
      NO_COLOR: '1',
    };
    try {
      const { stdout, stderr } = await promisify(execFile)(program, args, { env, timeout: DEADLINE_MS });
      return { code: 0, text: stripVTControlCharacters(`${stdout}${stderr}`) };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return { code: error.code, text: stripVTControlCharacters(`${error.stdout}${error.stderr}`) };
    }
  }
}

type Failure = Error & { readonly code: number; readonly stdout: string; readonly stderr: string };

const isFailure = (error: unknown): error is Failure =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' && 'stdout' in error;
