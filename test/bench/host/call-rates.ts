import { median } from '../harness.ts';
import type { HttpClient } from './http-client.ts';

const ROUNDS = 20;

/** Calls that a guest makes while it is asked over HTTP to. */
export interface CallLoad {
  /** Of the HTTP server in front of the guest. */
  readonly port: number;
  /** How many guests call at once. */
  readonly connections: number;
  /** How many turns the guest takes for one request, so that the request itself does not count. */
  readonly times: number;
  /** How many calls a turn is. Default 1. */
  readonly each?: number;
  /** Of one window. */
  readonly ms: number;
}

export interface Rate {
  readonly perSecond: number;
  /** Whether every call that was answered was answered as it should be: the guests say so. */
  readonly verified: boolean;
  /** Requests without an answer. */
  readonly lost: number;
}

/** One guest at a time. */
export const alone = { connections: 1, times: 50, ms: 300 } as const;
export const c16 = { connections: 16, times: 50, ms: 300 } as const;
/** A request takes longer the more guests call, and a window should hold several. */
export const c256 = { connections: 256, times: 10, ms: 500 } as const;

/** Calls in one window. */
export async function rate(client: HttpClient, load: CallLoad): Promise<Rate> {
  const { port, connections, times, each = 1, ms } = load;
  const { perSecond, wrong, lost } = await client.ask({
    port,
    path: `/${times}`,
    connections,
    ms,
    expected: `\r\n${times}`,
  });
  return { perSecond: perSecond * times * each, verified: wrong === 0, lost };
}

/** Windows one after another, once it is warm. */
export async function rates(client: HttpClient, load: CallLoad): Promise<Rate[]> {
  for (let warm = 0; warm < 3; warm++) await rate(client, load);
  const all: Rate[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await rate(client, load));
  return all;
}

/** Windows of one load and of another in turn, and how many times as many calls the first made: the median of the pairs. */
export async function ratio(
  client: HttpClient,
  ours: CallLoad,
  theirs: CallLoad,
  rounds = ROUNDS,
): Promise<{ ours: Rate[]; theirs: Rate[]; ratio: number; verified: boolean }> {
  const measured = { ours: [] as Rate[], theirs: [] as Rate[] };
  for (const load of [ours, theirs]) await rate(client, load);
  for (let round = 0; round < rounds; round++) {
    measured.ours.push(await rate(client, ours));
    measured.theirs.push(await rate(client, theirs));
  }
  const pairs = measured.ours.map(({ perSecond }, round) => perSecond / (measured.theirs[round]?.perSecond ?? NaN));
  const verified = [...measured.ours, ...measured.theirs].every((one) => one.verified) && lostOf(measured.ours) === 0;
  return { ...measured, ratio: middle(pairs), verified };
}

export const lostOf = (all: readonly Rate[]): number => all.reduce((sum, { lost }) => sum + lost, 0);

export const middleRate = (all: readonly Rate[]): number => middle(all.map(({ perSecond }) => perSecond));

const middle = (values: readonly number[]): number => median(values.toSorted((a, b) => a - b));
