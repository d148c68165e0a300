import { expect, test } from 'vitest';
import { pack, unpack } from './packed.ts';
import type { ToLoop } from './protocol.ts';

const trace = { traceparent: `00-${'1'.padStart(32, '0')}-00000000000000aa-01` };

const letter = (call: number, func: string, component = 1): ToLoop => ({
  kind: 'call',
  call,
  claim: call === 3 ? undefined : call,
  component,
  job: { kind: 'letter', instance: 'a:b/c', func, letter: `letter ${call}`, trace: call === 2 ? trace : undefined },
});
const other: ToLoop = {
  kind: 'call',
  call: 9,
  claim: 9,
  component: 1,
  job: { kind: 'function', instance: 'a:b/c', func: 'greet', args: ['Ada'] },
};

test('messages are what they were, in their order, and letters for one function are one message', () => {
  const messages = [
    letter(1, 'greet'),
    letter(2, 'greet'),
    letter(3, 'part'),
    letter(4, 'part', 2),
    other,
    letter(5, 'part', 2),
    { kind: 'abandon', call: 5 } as const,
  ];
  const packed = structuredClone(pack(messages));
  expect(packed.map(({ kind }) => kind)).toEqual(['letters', 'letters', 'letters', 'call', 'letters', 'abandon']);
  expect(unpack(packed)).toEqual(messages);
});
