import { spawn } from 'node:child_process';

/** Something that the person at the keyboard has to put right: its message says what, and is shown without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Tells each step on stderr while it runs, with the time it took. */
export class Steps {
  #out;

  constructor(out = process.stderr) {
    this.#out = out;
  }

  /**
   * Runs one step. `work` gets a function that tells what it is doing now, and returns what to show at its end
   * (for example `present`, or `installed 2.9.10`).
   */
  async run(name, work) {
    const startedAt = performance.now();
    const label = name.padEnd(14);
    let doing = '';
    const elapsed = () => seconds(performance.now() - startedAt);
    const tell = (now) => {
      doing = now;
      this.#show(`  … ${label} ${doing}`, elapsed());
    };
    // A terminal line is redrawn each second; in a log, one line each ten seconds shows that it is alive.
    const ticker = setInterval(() => doing !== '' && tell(doing), this.#out.isTTY ? 1_000 : 10_000);
    try {
      const result = await work(tell);
      this.#end(`  ✓ ${label} ${result}`, elapsed());
    } catch (error) {
      this.#end(`  ✗ ${label} failed`, elapsed());
      throw error;
    } finally {
      clearInterval(ticker);
    }
  }

  #show(text, time) {
    this.#out.write(this.#out.isTTY ? `\r\u001b[K${text}  ${time}` : `${text}  ${time}\n`);
  }

  #end(text, time) {
    this.#show(text, time);
    if (this.#out.isTTY) this.#out.write('\n');
  }
}

/** Runs a program to its end with its output kept. Resolves with the exit code and the last 8,000 characters it printed. */
export function execute(program, args, options = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => (output = (output + chunk).slice(-8_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs the main function of a command; a SetupError ends it with its message and exit code 1. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
