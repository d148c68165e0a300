import type { ToWorker } from './protocol.ts';

/** Letters for one function, each the `call`, `claim`, `letter` and `trace` of its message. */
export interface PackedLetters {
  readonly kind: 'letters';
  readonly component: number;
  readonly instance: string;
  readonly func: string;
  readonly calls: readonly Row[];
}

type Message = Extract<ToWorker, { kind: 'call' }>;
type Job = Extract<Message['job'], { kind: 'letter' }>;
type Row = readonly [call: number, claim: number | undefined, letter: unknown, trace: Job['trace']];

/**
 * Messages to a worker, with letters for one function that follow each other as one: what is the same of all is cloned once,
 * and an object less for each.
 */
export const pack = <T extends ToWorker>(messages: readonly T[]): readonly (T | PackedLetters)[] => {
  const packed: (T | PackedLetters)[] = [];
  let last: (PackedLetters & { readonly calls: Row[] }) | undefined;
  for (const message of messages) {
    if (message.kind !== 'call' || message.job.kind !== 'letter') {
      packed.push(message);
      last = undefined;
      continue;
    }
    const { component, call, claim, job } = message;
    const { instance, func, letter, trace } = job;
    if (last?.component !== component || last.instance !== instance || last.func !== func)
      packed.push((last = { kind: 'letters', component, instance, func, calls: [] }));
    last.calls.push([call, claim, letter, trace]);
  }
  return packed;
};

/** The messages that were packed. */
export const unpack = <T extends ToWorker>(packed: readonly (T | PackedLetters)[]): readonly (T | Message)[] =>
  packed.flatMap((message): (T | Message)[] => {
    if (message.kind !== 'letters') return [message];
    const { component, instance, func, calls } = message;
    return calls.map(([call, claim, letter, trace]) => ({
      kind: 'call',
      call,
      claim,
      component,
      job: { kind: 'letter', instance, func, letter, trace },
    }));
  });
