import { conditionTypes, type ClusterStatus } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { contactTime, silenceTold } from './silence.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const ms = (seconds: number): number => Date.parse(at(seconds));

const told = (status: 'True' | 'False', contact: number | undefined): ClusterStatus => ({
  ...(contact !== undefined && { lastContactTime: at(contact) }),
  conditions: [{ type: conditionTypes.reachable, status, reason: 'Any', message: '', lastTransitionTime: at(0) }],
});

interface Case {
  readonly name: string;
  readonly status: ClusterStatus | undefined;
  readonly before: number | undefined;
  readonly want: number;
}

test.for<Case>([
  { name: 'silent until the leader was last alive', status: told('False', 10), before: 50, want: 40_000 },
  { name: 'answering until then, however old its time', status: told('True', 10), before: 50, want: 0 },
  { name: 'heard of later than the leader renewed', status: told('False', 60), before: 50, want: 0 },
  { name: 'never heard of', status: told('False', undefined), before: 50, want: 0 },
  { name: 'without a leader before', status: told('False', 10), before: undefined, want: 0 },
  { name: 'new', status: undefined, before: 50, want: 0 },
])('a member $name', ({ status, before, want }) => {
  expect(silenceTold(status, before === undefined ? undefined : ms(before))).toBe(want);
});

test('the time of a member that answers is written now and then, of a silent one exactly and once', () => {
  expect(contactTime(undefined, ms(1), true)).toBe(at(1));
  expect(contactTime(at(1), ms(30), true)).toBe(at(1));
  expect(contactTime(at(1), ms(31), true)).toBe(at(31));
  expect(contactTime(at(1), ms(30), false)).toBe(at(30));
  expect(contactTime(at(30), ms(30) + 3, false)).toBe(at(30));
  expect(contactTime(at(30), ms(20), false)).toBe(at(20));
  expect(contactTime(at(30), undefined, false)).toBe(at(30));
});
