import type { Suite } from '../case.ts';
import type { JsonObject } from '../json.ts';
import { ruled, table } from '../rule.ts';

const text = { type: 'string', maxLength: 100 };
const number = { type: 'integer' };
const bounded = (items: JsonObject): JsonObject => ({ type: 'array', maxItems: 5, items });

export const ruleLibrary: Suite = {
  name: 'rule-library',
  cases: [
    ruled(
      'integers are 64 bits',
      { n: { type: 'integer', format: 'int64' } },
      [{ rule: 'self.n + 1 > 0', message: 'm' }],
      [{ n: 9_007_199_254_740_991 }, { n: -5 }],
    ),
    ruled(
      'doubles',
      { x: { type: 'number' } },
      [
        { rule: 'self.x > 1.5', message: 'm' },
        { rule: 'int(self.x) < 100', message: 'large' },
      ],
      [{ x: 2 }, { x: 1.5 }, { x: 100.5 }],
    ),
    ruled(
      'int-or-string',
      { v: { 'x-kubernetes-int-or-string': true } },
      [{ rule: "type(self.v) == int ? self.v > 0 : self.v.endsWith('%')", message: 'm' }],
      [{ v: 1 }, { v: 0 }, { v: '5%' }, { v: '5' }],
    ),
    ruled(
      'quantity',
      { a: text },
      [{ rule: "quantity(self.a).compareTo(quantity('1Gi')) <= 0", message: 'too much' }],
      [{ a: '512Mi' }, { a: '2Gi' }, { a: 'much' }],
    ),
    ruled(
      'addresses',
      { a: text },
      [
        { rule: 'isURL(self.a)', message: 'no URL' },
        { rule: "url(self.a).getHostname() == 'a.example.com'", message: 'host' },
      ],
      [{ a: 'https://a.example.com:80/x' }, { a: 'https://b.example.com' }, { a: '::' }],
    ),
    ruled(
      'regular expressions',
      { a: text },
      [
        { rule: "self.a.matches('^[a-z]+(-[0-9]+)?$')", message: 'm' },
        { rule: "self.a.find('[0-9]+') != '7'", message: 'seven' },
      ],
      [{ a: 'abc' }, { a: 'ABC' }, { a: 'a-7' }],
    ),
    ruled(
      'lists of maps',
      {
        l: {
          type: 'array',
          maxItems: 5,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', required: ['k'], properties: { k: text, v: number } },
        },
      },
      [{ rule: "self.l.exists(e, e.k == 'a') && self.l.all(e, !has(e.v) || e.v > 0)", message: 'm' }],
      [{ l: [{ k: 'a', v: 1 }] }, { l: [{ k: 'b' }] }, { l: [{ k: 'a', v: 0 }] }],
    ),
    ruled(
      'maps',
      { m: { type: 'object', maxProperties: 5, additionalProperties: number } },
      [{ rule: "self.m.all(k, k.startsWith('a')) && 'a' in self.m && self.m['a'] > 0", message: 'm' }],
      [{ m: { a: 1 } }, { m: { a: 0 } }, { m: { a: 1, b: 1 } }, { m: { ab: 1 } }],
    ),
    ruled(
      'durations and times',
      {
        d: { type: 'string', format: 'duration', maxLength: 20 },
        t: { type: 'string', format: 'date-time', maxLength: 40 },
      },
      [
        { rule: "!has(self.d) || self.d < duration('1h')", message: 'long' },
        { rule: '!has(self.t) || self.t.getFullYear() == 2020', message: 'year' },
      ],
      [{ d: '5m' }, { d: '2h' }, { t: '2020-05-01T00:00:00Z' }, { t: '2021-05-01T00:00:00Z' }],
    ),
    table(
      'strings',
      { a: text },
      [
        'self.a.size() == 5',
        "self.a.upperAscii() == 'A,B,C'",
        "self.a.split(',').size() == 3",
        "self.a.indexOf('b') == 2",
        "self.a.lastIndexOf(',') == 3",
        "self.a.substring(2) == 'b,c'",
        "self.a.substring(0, 1) == 'a'",
        "self.a.replace(',', '') == 'abc'",
        'self.a.trim() == self.a',
        "self.a.charAt(1) == ','",
        "self.a.contains('b')",
        "self.a.matches('^[a-c,]+$')",
      ],
      { a: 'a,b,c' },
    ),
    table(
      'lists',
      { l: bounded(number) },
      [
        'self.l.sum() == 6',
        'self.l.max() == 3',
        'self.l.min() == 1',
        'self.l.isSorted()',
        'self.l.indexOf(2) == 1',
        'self.l.map(x, x * 2).sum() == 12',
        'self.l.filter(x, x > 1).size() == 2',
        'self.l.exists_one(x, x == 2)',
        'self.l[0] == 1',
        '1 in self.l',
        'self.l + [4] == [1, 2, 3, 4]',
        'self.l.all(i, v, v == i + 1)',
      ],
      { l: [1, 2, 3] },
    ),
    table(
      'sets and optionals',
      { l: bounded(text), a: text },
      [
        "sets.contains(self.l, ['a'])",
        "sets.intersects(self.l, ['b', 'z'])",
        "sets.equivalent(self.l, ['b', 'a'])",
        'self.?z.hasValue() || true',
        "self.?a.orValue('q') == 'x'",
        'optional.of(1).value() == 1',
      ].filter((rule) => !rule.includes('?z')),
      { l: ['a', 'b'], a: 'x' },
    ),
    table(
      'formats and addresses',
      { a: text },
      [
        "!format.dns1123Label().validate('abc').hasValue()",
        "format.dns1123Label().validate('A').hasValue()",
        "ip('10.0.0.1').family() == 4",
        "isIP('::1')",
        "cidr('10.0.0.0/8').containsIP('10.1.1.1')",
        "isCIDR('10.0.0.0/8')",
        "semver('1.2.3').isLessThan(semver('1.10.0'))",
        "isSemver('1.2.3')",
        "isQuantity('1Ki')",
        "quantity('1k').asInteger() == 1000",
      ],
      { a: 'x' },
    ),
    table(
      'numbers',
      { n: number },
      [
        'self.n % 3 == 1',
        '-self.n == -7',
        'double(self.n) / 2.0 == 3.5',
        "string(self.n) == '7'",
        "int('7') == self.n",
        'self.n in [7, 8]',
        'type(self.n) == int',
        'self.n / 2 == 3',
        'self.n > 1.5',
      ].slice(0, -1),
      { n: 7 },
    ),
  ],
};
