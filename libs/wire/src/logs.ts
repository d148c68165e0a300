import { z } from 'zod';
import { SubjectError } from './error.ts';

// How lines that actors log are asked for: one question to all hosts of a lattice, with an inbox to which each host that has
// lines answers with `LogBatch`es, the last of which is marked. Our own; wasmCloud 1.x has nothing like it.

const PREFIX = 'kasmcloud.logs.v1';

const token = (part: string): string => {
  if (!/^[^\s.*>\p{Cc}]+$/u.test(part))
    throw new SubjectError(part, 'it must be one token, without dots, spaces, * and >');
  return part;
};

/** Where the lines of one actor are asked for. The payload is a `LogQuery`, the reply an inbox. */
export const logSubject = (lattice: string, actor: string): string => `${PREFIX}.${token(lattice)}.${token(actor)}`;

/** What a host listens to. */
export const everyLogSubject = `${PREFIX}.*.*`;

/** Lattice and actor of a subject; undefined for another one. */
export function parseLogSubject(subject: string): { readonly lattice: string; readonly actor: string } | undefined {
  if (!subject.startsWith(`${PREFIX}.`)) return undefined;
  const [lattice, actor, ...rest] = subject.slice(PREFIX.length + 1).split('.');
  return lattice === undefined || actor === undefined || rest.length > 0 ? undefined : { lattice, actor };
}

/** The longest that a host follows without being asked again, in milliseconds. */
export const LONGEST_FOLLOW_MS = 60_000;

export const logQuerySchema = z.object({
  /** Lines from then on, in milliseconds since the epoch. */
  since: z.number().optional(),
  /** So many of the last lines of each host; all that are kept when absent. */
  tail: z.int().min(0).optional(),
  /** Send what is logged from now on, too, for so long. The same inbox asked again with `renew` goes on so much longer. */
  followMs: z.int().min(0).max(LONGEST_FOLLOW_MS).optional(),
  /** Only go on following. */
  renew: z.boolean().optional(),
});
export type LogQuery = z.infer<typeof logQuerySchema>;

export const logLineSchema = z.object({
  /** Milliseconds since the epoch, by the host's clock. */
  at: z.number(),
  level: z.string(),
  /** As the actor gave it; `stdout` and `stderr` for what it printed. */
  context: z.string(),
  message: z.string(),
  /** Which call of the actor logged it: a number of its host's. */
  request: z.string().optional(),
  /** Id of the trace in which it was logged, as in W3C's trace context. */
  trace_id: z.string().optional(),
});
export type LogLine = z.infer<typeof logLineSchema>;

export const logBatchSchema = z.object({
  host: z.string(),
  cluster: z.string().optional(),
  lines: z.array(logLineSchema),
  /** No more of what was kept comes from this host. */
  last: z.boolean(),
});
export type LogBatch = z.infer<typeof logBatchSchema>;
