import type { Guest, GuestLogLevel } from '../guest.ts';
import { Unobtainable, type Interfaces } from '../interface.ts';
import { emptyInput, OutputStream, type Sink } from './io.ts';

/** A line longer than this is cut into several. */
const maxLineBytes = 4096;

/** Output as log lines: a line ends at a newline, or when it is long. */
class LineSink implements Sink {
  readonly room = maxLineBytes;
  readonly end = 'open';
  readonly #guest: Guest;
  readonly #level: GuestLogLevel;
  readonly #context: string;
  #rest = Buffer.alloc(0);

  constructor(guest: Guest, level: GuestLogLevel, context: string) {
    this.#guest = guest;
    this.#level = level;
    this.#context = context;
  }

  put(bytes: Uint8Array): void {
    let all = Buffer.concat([this.#rest, bytes]);
    for (let at = all.indexOf(0x0a); at >= 0; at = all.indexOf(0x0a)) {
      this.#line(all.subarray(0, at));
      all = all.subarray(at + 1);
    }
    if (all.length >= maxLineBytes) {
      this.#line(all);
      all = Buffer.alloc(0);
    }
    this.#rest = all;
  }

  isReady(): boolean {
    return true;
  }

  wait(): Promise<void> {
    return Promise.resolve();
  }

  #line(line: Buffer): void {
    if (line.length > 0) this.#guest.log(this.#level, this.#context, line.toString('utf8'));
  }
}

class TerminalInput extends Unobtainable {}
class TerminalOutput extends Unobtainable {}

const exit = (what: string): never => {
  throw new Error(`guest called exit: ${what}`);
};

/** No environment, no arguments, no input, no terminal; what is printed is logged. */
export const cli = (guest: Guest): Interfaces => {
  const stdout = new LineSink(guest, 'info', 'stdout');
  const stderr = new LineSink(guest, 'error', 'stderr');
  return {
    'wasi:cli/environment': {
      getEnvironment: (): [string, string][] => [],
      getArguments: (): string[] => [],
      initialCwd: () => undefined,
    },
    'wasi:cli/exit': {
      exit: (status: { tag: 'ok' | 'err' }) => exit(status.tag),
      exitWithCode: (code: number) => exit(`code ${code}`),
    },
    'wasi:cli/stdin': { getStdin: emptyInput },
    'wasi:cli/stdout': { getStdout: () => new OutputStream(stdout) },
    'wasi:cli/stderr': { getStderr: () => new OutputStream(stderr) },
    'wasi:cli/terminal-input': { TerminalInput },
    'wasi:cli/terminal-output': { TerminalOutput },
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
  };
};
