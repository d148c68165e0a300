import { describe, expect, test } from 'vitest';
import { differences, type DifferenceInput } from './differences.ts';
import type { Move } from './report.ts';

const input = (rest: Partial<DifferenceInput>): DifferenceInput => ({
  key: 'shop/web',
  before: new Map(),
  after: new Map(),
  isDaemon: false,
  whyMove: 'Rebalance',
  whyStop: 'ScaleDown',
  whyLeave: () => undefined,
  gainOf: () => 1,
  ...rest,
});

/** `eu/a>eu/b 2 Rebalance`. */
const short = ({ from, to, replicas, reason }: Move): string => {
  const [a, b] = [from, to].map((spot) => (spot === null ? '' : `${spot.cluster}/${spot.host}`));
  return `${a}>${b} ${replicas} ${reason}`;
};

describe('what changes for a distribution', () => {
  const cases: { name: string; given: Partial<DifferenceInput>; want: string[] }[] = [
    { name: 'nothing', given: { before: new Map([['eu/a', 2]]), after: new Map([['eu/a', 2]]) }, want: [] },
    { name: 'the first replicas are new', given: { after: new Map([['eu/a', 2]]) }, want: ['>eu/a 2 New'] },
    {
      name: 'more of them',
      given: { before: new Map([['eu/a', 1]]), after: new Map([['eu/a', 3]]) },
      want: ['>eu/a 2 ScaleUp'],
    },
    {
      name: 'fewer',
      given: { before: new Map([['eu/a', 3]]), after: new Map([['eu/a', 1]]) },
      want: ['eu/a> 2 ScaleDown'],
    },
    {
      name: 'a distribution that goes',
      given: { before: new Map([['eu/a', 3]]), whyStop: 'Removed' },
      want: ['eu/a> 3 Removed'],
    },
    {
      name: 'a stop and a start are one move, inside the cluster first',
      given: {
        before: new Map([
          ['eu/a', 2],
          ['us/a', 1],
        ]),
        after: new Map([
          ['eu/b', 1],
          ['us/b', 2],
        ]),
      },
      want: ['eu/a>eu/b 1 Rebalance', 'us/a>us/b 1 Rebalance', 'eu/a>us/b 1 Rebalance'],
    },
    {
      name: 'what had to leave is matched first',
      given: {
        before: new Map([
          ['eu/a', 1],
          ['eu/z', 1],
        ]),
        after: new Map([['eu/b', 1]]),
        whyLeave: (path) => (path === 'eu/z' ? 'HostLost' : undefined),
      },
      want: ['eu/a> 1 ScaleDown', 'eu/z>eu/b 1 HostLost'],
    },
    {
      name: "a daemon's replica never moves",
      given: { before: new Map([['eu/a', 1]]), after: new Map([['eu/b', 1]]), isDaemon: true },
      want: ['eu/a> 1 ScaleDown', '>eu/b 1 ScaleUp'],
    },
  ];
  test.for(cases)('$name', ({ given, want }) => {
    expect(differences(input(given)).map(short)).toEqual(want);
  });
});

test('only a move for the better has a gain', () => {
  const moves = differences(
    input({
      before: new Map([
        ['eu/a', 1],
        ['eu/b', 2],
      ]),
      after: new Map([['eu/c', 3]]),
      whyLeave: (path) => (path === 'eu/a' ? 'HostTerms' : undefined),
      gainOf: (_, __, replicas) => 10 * replicas,
    }),
  );
  expect(moves.map(({ reason, gain }) => [reason, gain])).toEqual([
    ['HostTerms', 0],
    ['Rebalance', 20],
  ]);
});
