import { ClosedError, DeadlineError, OverloadedError } from '../error.ts';

/** What a failed request is to its client. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
}

export const noRoute: Refusal = { status: 404, text: 'nothing is served here' };
export const noTime: Refusal = { status: 504, text: 'no answer in time' };
export const overloaded: Refusal = { status: 503, text: 'overloaded' };
export const failed: Refusal = { status: 500, text: 'the actor failed' };

/** What the errors of a component are to the client. */
export const refusalFor = (error: unknown): Refusal => {
  if (error instanceof OverloadedError || error instanceof ClosedError) return overloaded;
  return error instanceof DeadlineError ? noTime : failed;
};

export const refusalHeaders = ({ status }: Refusal): [name: string, value: string][] => [
  ['content-type', 'text/plain; charset=utf-8'],
  ...(status === 503 ? [['retry-after', '1'] as [string, string]] : []),
];
