import { Readable } from 'node:stream';
import { UserError } from '../user-error.ts';
import { runPlan, type ExitCode, type PlanRequest } from './run.ts';

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs `kasm plan` in this process over a text, as `-f -` would. */
export async function planText(text: string | Uint8Array, request: Partial<PlanRequest> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const streams = {
    stdin: Readable.from([Buffer.from(text)]),
    out: (part: string) => void (out += part),
    err: (part: string) => void (err += part),
  };
  try {
    const code = await runPlan({ files: ['-'], output: 'table', rebalance: false, lost: [], ...request }, streams);
    return { code, out, err };
  } catch (error) {
    // As main does: any other error is a fault of ours.
    if (!(error instanceof UserError)) throw error;
    return { code: 1, out, err: `${err}kasm: ${error.message}\n` };
  }
}

/** The options of a fixture's `args` file. */
export function requestOf(args: string): Partial<PlanRequest> {
  const words = args.split(/\s+/).filter((word) => word !== '');
  return {
    rebalance: words.includes('--rebalance'),
    lost: words.flatMap((word, index) => (word === '--lost' ? (words[index + 1] ?? []) : [])),
  };
}
