import { durationMs, isDuration } from '@kasmcloud/observe';
import { UserError } from '../user-error.ts';

/** The options as commander gives them. */
export interface RawLogsOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly tail?: string;
  readonly namespace: string;
  readonly cluster?: string;
  readonly timestamps?: boolean;
  readonly prefix?: boolean;
  readonly json?: boolean;
  readonly natsUrl?: string;
  readonly state: string;
}

export interface LogsOptions {
  readonly actor: string;
  readonly lattice: string;
  readonly follow: boolean;
  /** Milliseconds. */
  readonly sinceMs: number | undefined;
  /** Of all hosts together. */
  readonly tail: number | undefined;
  readonly cluster: string | undefined;
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly json: boolean;
}

/** @throws {UserError} naming the option that is wrong */
export function parseLogsOptions(actor: string, raw: RawLogsOptions): LogsOptions {
  const { since, tail, namespace, cluster } = raw;
  for (const [what, name] of [
    ['ACTOR', actor],
    ['--namespace', namespace],
  ] as const) {
    if (!/^[^\s.*>/]+$/.test(name)) throw new UserError(`${what}: "${name}" is not a name`);
  }
  if (since !== undefined && !isDuration(since)) {
    throw new UserError(`--since: "${since}" is not a duration such as 10s, 5m or 1h30m`);
  }
  // As kubectl has it, -1 is all.
  if (tail !== undefined && !/^(-1|\d+)$/.test(tail)) throw new UserError(`--tail: "${tail}" is not a number of lines`);
  return {
    actor,
    lattice: namespace,
    follow: raw.follow === true,
    sinceMs: since === undefined ? undefined : durationMs(since),
    tail: tail === undefined || tail === '-1' ? undefined : Number(tail),
    cluster,
    timestamps: raw.timestamps === true,
    prefix: raw.prefix === true,
    json: raw.json === true,
  };
}
