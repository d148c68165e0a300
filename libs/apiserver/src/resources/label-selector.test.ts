import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

describe('a label selector', () => {
  test.for<[text: string, want: string]>([
    ['', ''],
    ['a', 'a exists'],
    ['!a', 'a absent'],
    ['a=b,c==d', 'a in b; c in d'],
    ['a!=b', 'a notin b'],
    ['a in (b, c),d notin (e)', 'a in b|c; d notin e'],
    ['a in ()', 'a in '],
    ['a=', 'a in '],
    ['in in (in)', 'in in in'],
    ['example.com/a > 5', 'example.com/a above 5'],
  ])('%s', ([text, want]) => {
    const read = parseLabelSelector(text).map(({ key, operator, values }) => `${key} ${operator} ${values.join('|')}`);
    expect(read.map((each) => (/ (exists|absent) $/.test(each) ? each.trim() : each)).join('; ')).toBe(want);
  });

  test.for<[text: string, want: string]>([
    ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a > x', 'the value must be an integer'],
    ['a=-b', 'unable to parse requirement: values[0][a]: Invalid value: "-b"'],
  ])('%s is refused', ([text, want]) => {
    expect(() => parseLabelSelector(text)).toThrow(want);
  });
});
