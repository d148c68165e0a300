import { expect, test } from 'vitest';
import { builtinLabels, parseLabels } from './labels.ts';

test('pairs become labels', () => {
  expect(parseLabels('zone=a, rack=7')).toEqual({ zone: 'a', rack: '7' });
  expect(parseLabels('')).toEqual({});
});

test.for(['zone', '=a', 'a=b=c'])('%s is told as no pair', (text) => {
  expect(parseLabels(text)).toBe(`"${text}" is not key=value`);
});

test('the built-in labels are those of wasmCloud hosts', () => {
  expect(Object.keys(builtinLabels())).toEqual(['hostcore.arch', 'hostcore.os', 'hostcore.osfamily']);
  expect(builtinLabels()['hostcore.arch']).not.toBe('x64');
});
