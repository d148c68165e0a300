import type { Toleration } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import type { Taint } from '../model/snapshot.ts';
import { selects } from './selector.ts';
import { judgeTaints, tolerates } from './taint.ts';
import { holdsAny, matchesAll, meets } from './term.ts';

const taint: Taint = { key: 'gpu', value: 'old', effect: 'NoSchedule' };

describe('a toleration', () => {
  const cases: [name: string, toleration: Toleration, want: boolean][] = [
    ['of key and value', { key: 'gpu', value: 'old' }, true],
    ['of another value', { key: 'gpu', value: 'new' }, false],
    ['of no value', { key: 'gpu' }, false],
    ['of another key', { key: 'cpu', value: 'old' }, false],
    ['that asks for equality', { key: 'gpu', operator: 'Equal', value: 'old' }, true],
    ['of the key alone', { key: 'gpu', operator: 'Exists' }, true],
    ['of another key alone', { key: 'cpu', operator: 'Exists' }, false],
    ['of everything', { operator: 'Exists' }, true],
    ['of everything, with an empty key', { key: '', operator: 'Exists' }, true],
    ['of the effect', { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }, true],
    ['of another effect', { key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
  ];
  test.for(cases)('%s', ([, toleration, want]) => {
    expect(tolerates(toleration, taint)).toBe(want);
  });

  test('without a value is of a taint without one', () => {
    expect(tolerates({ key: 'gpu' }, { key: 'gpu', effect: 'NoSchedule' })).toBe(true);
    expect(tolerates({ key: 'gpu', value: 'old' }, { key: 'gpu', effect: 'NoSchedule' })).toBe(false);
  });
});

describe('taints', () => {
  const prefer: Taint = { key: 'a', effect: 'PreferNoSchedule' };
  const refuse: Taint = { key: 'b', effect: 'NoSchedule' };
  const evict: Taint = { key: 'c', effect: 'NoExecute' };
  const bears = (key: string, seconds?: number): Toleration => ({
    key,
    operator: 'Exists',
    ...(seconds !== undefined && { seconds }),
  });

  test('are judged by the worst that is not tolerated', () => {
    expect(judgeTaints([], [])).toBe('Pass');
    expect(judgeTaints([prefer], [])).toBe('Avoid');
    expect(judgeTaints([prefer, refuse], [])).toBe('Refuse');
    expect(judgeTaints([prefer, evict, refuse], [])).toBe('Evict');
    expect(judgeTaints([prefer, evict, refuse], [bears('c')])).toBe('Refuse');
    expect(judgeTaints([prefer, evict, refuse], [bears('c'), bears('b')])).toBe('Avoid');
    expect(judgeTaints([prefer, evict, refuse], [bears('c'), bears('b'), bears('a')])).toBe('Pass');
  });

  test('are borne for as long as the most patient toleration says', () => {
    const aged = (ageSeconds: number): Taint => ({ ...evict, ageSeconds });
    expect(judgeTaints([aged(9)], [bears('c', 10)])).toBe('Pass');
    expect(judgeTaints([aged(10)], [bears('c', 10)])).toBe('Evict');
    expect(judgeTaints([aged(10)], [bears('c', 10), bears('c', 20)])).toBe('Pass');
    expect(judgeTaints([aged(1e9)], [bears('c', 10), bears('c')])).toBe('Pass');
    expect(judgeTaints([evict], [bears('c', 1)])).toBe('Pass');
    expect(judgeTaints([evict], [bears('c', 0)])).toBe('Evict');
  });
});

describe('a requirement', () => {
  const labels = { disk: 'ssd', cores: '16', huge: '9'.repeat(30) };
  const cases: [name: string, requirement: Parameters<typeof meets>[0], want: boolean][] = [
    ['In', { key: 'disk', operator: 'In', values: ['hdd', 'ssd'] }, true],
    ['In others', { key: 'disk', operator: 'In', values: ['hdd'] }, false],
    ['In, absent', { key: 'gone', operator: 'In', values: ['ssd'] }, false],
    ['In nothing', { key: 'disk', operator: 'In' }, false],
    ['NotIn', { key: 'disk', operator: 'NotIn', values: ['ssd'] }, false],
    ['NotIn others', { key: 'disk', operator: 'NotIn', values: ['hdd'] }, true],
    ['NotIn, absent', { key: 'gone', operator: 'NotIn', values: ['ssd'] }, true],
    ['Exists', { key: 'disk', operator: 'Exists' }, true],
    ['Exists, absent', { key: 'gone', operator: 'Exists' }, false],
    ['Exists, but as a name that every object has', { key: 'constructor', operator: 'Exists' }, false],
    ['DoesNotExist', { key: 'disk', operator: 'DoesNotExist' }, false],
    ['DoesNotExist, absent', { key: 'gone', operator: 'DoesNotExist' }, true],
    ['Gt', { key: 'cores', operator: 'Gt', values: ['9'] }, true],
    ['Gt as much', { key: 'cores', operator: 'Gt', values: ['16'] }, false],
    ['Gt below nothing', { key: 'cores', operator: 'Gt', values: ['-1'] }, true],
    ['Gt, more digits than a double', { key: 'huge', operator: 'Gt', values: [`8${'9'.repeat(29)}`] }, true],
    ['Gt no number', { key: 'cores', operator: 'Gt', values: ['x1'] }, false],
    ['Gt no whole number', { key: 'cores', operator: 'Gt', values: ['1.5'] }, false],
    ['Gt of no number', { key: 'disk', operator: 'Gt', values: ['1'] }, false],
    ['Gt, absent', { key: 'gone', operator: 'Gt', values: ['1'] }, false],
    ['Gt nothing', { key: 'cores', operator: 'Gt' }, false],
    ['Lt', { key: 'cores', operator: 'Lt', values: ['17'] }, true],
    ['Lt as much', { key: 'cores', operator: 'Lt', values: ['16'] }, false],
    ['Lt, absent', { key: 'gone', operator: 'Lt', values: ['17'] }, false],
  ];
  test.for(cases)('%s', ([, requirement, want]) => {
    expect(meets(requirement, labels)).toBe(want);
  });

  test('of a term must all be met, of terms any; none hold everywhere', () => {
    const disk = { key: 'disk', operator: 'Exists' as const };
    const gone = { key: 'gone', operator: 'Exists' as const };
    expect(holdsAny([], labels)).toBe(true);
    expect(holdsAny([[disk, gone]], labels)).toBe(false);
    expect(holdsAny([[gone], [disk]], labels)).toBe(true);
    expect(holdsAny([[]], labels)).toBe(true);
  });

  test('of wadm are all met exactly', () => {
    expect(matchesAll({ disk: 'ssd', cores: '16' }, labels)).toBe(true);
    expect(matchesAll({ disk: 'ssd', cores: '8' }, labels)).toBe(false);
    expect(matchesAll({}, labels)).toBe(true);
  });

  test('of a selector are labels and expressions', () => {
    const exists = (key: string) => ({ key, operator: 'Exists' as const });
    expect(selects({}, labels)).toBe(true);
    expect(selects({ matchLabels: { disk: 'ssd' }, matchExpressions: [exists('cores')] }, labels)).toBe(true);
    expect(selects({ matchLabels: { disk: 'hdd' }, matchExpressions: [exists('cores')] }, labels)).toBe(false);
    expect(selects({ matchLabels: { disk: 'ssd' }, matchExpressions: [exists('cores'), exists('gone')] }, labels)).toBe(
      false,
    );
  });
});
