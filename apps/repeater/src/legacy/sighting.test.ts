import type { Host } from '@kasmcloud/wire';
import { describe, expect, test } from 'vitest';
import { amongRivals, settled, sightingOfPing, sightingOfStart, stoppedSighting, type Sighting } from './sighting.ts';

const id = `N${'A'.repeat(55)}`;
const answer = (uptime_seconds: number, friendly_name = 'moon'): Host => ({
  id,
  friendly_name,
  labels: { zone: 'a' },
  lattice: 'shop',
  uptime_seconds,
  version: '1.9.2',
});
const hour = 3_600_000;
const at = (ms: number, wallOffset = 1_000_000): { now: number; steady: number } => ({
  now: ms + wallOffset,
  steady: ms,
});
const seen = (uptimeS: number, ms: number, before?: Sighting, wallOffset?: number, name?: string): Sighting =>
  sightingOfPing(answer(uptimeS, name), 'shop', before, at(ms, wallOffset));

describe('what is different', () => {
  const before = seen(60, 60_000);

  test.for<[string, Sighting, boolean]>([
    ['nothing: ten seconds later', seen(70, 70_000, before), true],
    ['nothing: the uptime was rounded', seen(71, 70_100, before), true],
    ['nothing: the wall clock went back an hour', seen(70, 70_000, before, 1_000_000 - hour), true],
    ['nothing: the wall clock went forward a year', seen(70, 70_000, before, 1_000_000 + 8_760 * hour), true],
    ['it was started anew', seen(1, 70_000, before), false],
    ['its name', seen(70, 70_000, before, undefined, 'sun'), false],
    ['its labels', { ...seen(70, 70_000, before), labels: {} }, false],
    ['what it runs', { ...seen(70, 70_000, before), inventory: { components: [], providers: [] } }, false],
  ])('%s', ([, next, isSame]) => {
    expect(settled(before, next) === before).toBe(isSame);
  });

  test('an inventory that says the same is the same', () => {
    const inventory = { components: [{ id: 'c', image_ref: 'r', revision: 0, max_instances: 1 }], providers: [] };
    const one = settled(before, { ...before, inventory });
    expect(settled(one, { ...one, inventory: structuredClone(inventory) })).toBe(one);
  });
});

test('a host that stopped runs nothing; one that is back has to say what it runs', () => {
  const started = sightingOfStart(
    id,
    { friendly_name: 'moon', labels: {}, uptime_seconds: 0, version: '1' },
    'shop',
    at(0),
  );
  const stopped = stoppedSighting({ ...started, inventory: { components: [], providers: [{ id: 'p', revision: 0 }] } });
  expect(stopped).toMatchObject({ stopped: true, inventory: { components: [], providers: [] } });
  expect(seen(1, 9_000, stopped)).toMatchObject({ stopped: false, inventory: undefined });
});

describe('several hosts of one id', () => {
  const first = seen(60, 60_000);
  const other = seen(10, 60_000, undefined, undefined, 'sun');

  test.for([
    ['one alone has no rivals', [first], undefined, 'moon', []],
    ['the same answer twice is one host', [first, seen(60, 60_050)], undefined, 'moon', []],
    ['the older one counts', [other, first], undefined, 'moon', ['sun']],
    ['the one that is known counts, though it is younger', [first, other], other, 'sun', ['moon']],
    ['the one that stays counts when the known one is gone', [other], first, 'sun', []],
  ] as const)('%s', ([, answers, before, name, rivals]) => {
    expect(amongRivals(answers, before)).toMatchObject({ friendlyName: name, rivals });
  });
});
