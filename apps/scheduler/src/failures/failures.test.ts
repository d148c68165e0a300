import {
  labels,
  typeMeta,
  WasmCloudActor,
  WasmCloudPlacement,
  type ActorObject,
  type Condition,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { avoidedBy, standingOf } from './avoidance.ts';
import { avoidanceMs, failuresOf, type Failure, type Start } from './failures.ts';
import { startsOf } from './starts.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

const failure = (host: string, seconds: number, count = 1): Failure => ({
  host,
  revision: 'r1',
  reason: 'ImagePullFailed',
  message: 'no',
  time: at(seconds),
  count,
});

const start = (host: string, outcome: Start['outcome'], seconds: number): Start => ({
  host,
  revision: 'r1',
  outcome,
  reason: outcome === 'Ready' ? 'Running' : 'ImagePullFailed',
  message: 'no',
  time: at(seconds),
});

const placement = (failures: Failure[], hosts: readonly string[] = ['h1', 'h2']): PlacementObject => ({
  ...typeMeta(WasmCloudPlacement),
  metadata: { name: 'web.eu', namespace: 'shop', generation: 3 },
  spec: {
    distribution: 'web',
    cluster: 'eu',
    epoch: 1,
    revision: 'r1',
    hosts: hosts.map((host) => ({ host, replicas: 2 })),
  },
  status: { failures },
});

const applied = (status: 'True' | 'False', seconds = 0): Condition => ({
  type: 'Applied',
  status,
  reason: status === 'True' ? 'Applied' : 'NamespaceNotShared',
  message: '',
  lastTransitionTime: at(seconds),
  observedGeneration: 3,
});

describe('failures of a placement', () => {
  const look = (before: Failure[], starts: Start[], now: number, said?: Condition): [string, number][] =>
    failuresOf({ placement: placement(before), starts, applied: said, now: T0 + now * 1000 }).map(({ host, count }) => [
      host,
      count ?? 1,
    ]);

  test.for<[string, Failure[], Start[], number, Condition | undefined, [string, number][]]>([
    ['a failed start is one', [], [start('h1', 'Failed', 1)], 2, undefined, [['h1', 1]]],
    ['told again it is the same', [failure('h1', 1)], [start('h1', 'Failed', 1)], 9, undefined, [['h1', 1]]],
    ['failed again it counts twice', [failure('h1', 1)], [start('h1', 'Failed', 70)], 71, undefined, [['h1', 2]]],
    ['ready it ends', [failure('h1', 1)], [start('h1', 'Ready', 2)], 3, undefined, []],
    ['it stays when nothing is told', [failure('h1', 1)], [], 30, undefined, [['h1', 1]]],
    ['it stays as long again as it was avoided', [failure('h1', 0)], [], 119, undefined, [['h1', 1]]],
    ['then it is forgotten', [failure('h1', 0)], [], 121, undefined, []],
    ['a refused write is of the whole cluster', [], [], 1, applied('False'), [['', 1]]],
    ['but not one that no cluster would take', [], [], 1, { ...applied('False'), reason: 'SecretNotCarried' }, []],
    ['until a write was taken', [failure('', 0)], [], 1, applied('True'), []],
  ])('%s', ([, before, starts, now, said, want]) => {
    expect(look(before, starts, now, said)).toEqual(want);
  });

  test('a cluster from which everything was taken away has proved nothing', () => {
    const empty = placement([failure('', 0)], []);
    expect(failuresOf({ placement: empty, starts: [], applied: applied('True'), now: T0 + 1000 })).toHaveLength(1);
  });

  test('each failure doubles the wait, up to half an hour', () => {
    expect([1, 2, 3, 9].map((count) => avoidanceMs({ count }) / 1000)).toEqual([60, 120, 240, 1800]);
  });
});

test('only what is not ready where a failure stands may go elsewhere', () => {
  const stands = placement([failure('h1', 0)]);
  const ready = new Map([['eu/h1', 1]]);
  expect(standingOf(stands, { readyOn: ready, tried: undefined, now: T0 + 1000, isBack: () => true })).toEqual([
    { cluster: 'eu', host: 'h1', replicas: 2, failed: 1 },
    { cluster: 'eu', host: 'h2', replicas: 2 },
  ]);
  expect(standingOf(stands, { readyOn: ready, tried: 'r1', now: T0 + 1000, isBack: () => true })[0]).toEqual({
    cluster: 'eu',
    host: 'h1',
    replicas: 2,
  });
  expect(avoidedBy(stands, T0 + 1000)).toEqual([{ cluster: 'eu', host: 'h1', revision: 'r1' }]);
  expect(avoidedBy(stands, T0 + 61_000)).toEqual([]);
});

describe('a start', () => {
  const actor = (reason: string, seconds: number, observed = 1): ActorObject => ({
    ...typeMeta(WasmCloudActor),
    metadata: { name: 'a', namespace: 'shop', generation: 1, labels: { [labels.revision]: 'r1' } },
    spec: { hostName: 'h1', id: 'a', image: 'i', instances: 1 },
    status: {
      observedGeneration: observed,
      conditions: [{ type: 'Ready', status: 'False', reason, message: '', lastTransitionTime: at(seconds) }],
    },
  });
  const outcomes = (one: ActorObject): string[] =>
    startsOf([one], { now: T0 + 20_000, graceMs: 10_000 }).map(({ outcome }) => outcome);

  test.for<[string, ActorObject, string[]]>([
    ['has failed when that lasts', actor('ImagePullFailed', 5), ['Failed']],
    ['is open at first', actor('ImagePullFailed', 15), ['Open']],
    ['is refused when no other host would do better', actor('ConfigMissing', 5), ['Refused']],
    ['is not told before the host has seen it', actor('ImagePullFailed', 5, 0), []],
  ])('%s', ([, one, want]) => {
    expect(outcomes(one)).toEqual(want);
  });
});
