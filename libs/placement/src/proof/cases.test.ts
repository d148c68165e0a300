import { afterAll, describe, expect, test } from 'vitest';
import type { Distribution } from '../index.ts';
import type { Case } from './cases/case.ts';
import { decided } from './cases/decided.ts';
import { kasmcloud } from './cases/kasmcloud.ts';
import { karmada } from './cases/karmada.ts';
import { kube } from './cases/kube.ts';
import { nomad } from './cases/nomad.ts';
import { ocm } from './cases/ocm.ts';
import { planned, wanted } from './cases/outcome.fixture.ts';
import { wadm } from './cases/wadm.ts';
import { snapshotOf } from './cases/world.fixture.ts';
import { sum } from './world.fixture.ts';

const tables = { kube, karmada, ocm, nomad, wadm, decided, kasmcloud };

let run = 0;
const waiting = new Map<string, number>();

/** Whether the engine says itself that it does not honour something which the case asks for. */
const isUnsupported = ({ refused, unsupported }: Distribution): boolean =>
  unsupported.length > 0 || refused.some(({ reason }) => reason === 'UnsupportedField');

const isLacking = (one: Case, needs: string): boolean =>
  needs.startsWith('bug: ') || snapshotOf(one).distributions.some(isUnsupported);

describe.for(Object.entries(tables))('%s', ([, cases]) => {
  test.for(cases.map((one) => [one.promise, one] as const))('%s', ([, one], { skip }) => {
    const { needs } = one;
    if (needs !== undefined && isLacking(one, needs)) {
      waiting.set(needs, (waiting.get(needs) ?? 0) + 1);
      skip(needs);
    }
    run += 1;
    expect(planned(one)).toEqual(wanted(one));
  });
});

test('each of the eleven decided semantics has its cases', () => {
  const numbers = new Set(decided.map(({ promise }) => Number(/^decided (\d+): /.exec(promise)?.[1])));
  expect([...numbers].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

afterAll(() => {
  const left = [...waiting].map(([needs, count]) => `${count} × ${needs}`).join(', ');
  const total = sum(Object.values(tables).map((cases) => cases.length));
  process.stdout.write(`cases: ${total}; ${run} run, ${total - run} not run${left === '' ? '' : ` (${left})`}\n`);
});
