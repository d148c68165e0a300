import type { Case, Suite } from '../case.ts';
import { definition, judged, specOf } from '../definition.ts';
import type { JsonObject } from '../json.ts';

const text = (maxLength: number): JsonObject => ({ type: 'string', maxLength });
const list = (maxItems: number, items: JsonObject): JsonObject => ({ type: 'array', maxItems, items });
const number = { type: 'integer' };

/** Whether a rule of `spec` may cost what it may. */
const costly = (name: string, rule: string, properties: JsonObject): Case =>
  judged(name, definition(specOf(properties, { 'x-kubernetes-validations': [{ rule }] })));

/** Whether a rule of the items of `spec.list` may. */
const ofItems = (name: string, rule: string, maxItems: number | undefined, properties: JsonObject): Case =>
  judged(
    name,
    definition(
      specOf({
        list: {
          type: 'array',
          ...(maxItems === undefined ? {} : { maxItems }),
          items: { type: 'object', properties, 'x-kubernetes-validations': [{ rule }] },
        },
      }),
    ),
  );

const pairs = 'self.l.all(x, self.l.exists_one(y, x == y))';

export const ruleCosts: Suite = {
  name: 'rule-costs',
  cases: [
    costly('a text without a bound', "self.a.contains('x')", { a: { type: 'string' } }),
    costly('two texts without a bound', 'self.a.contains(self.b)', { a: { type: 'string' }, b: { type: 'string' } }),
    costly('pairs of few', pairs, { l: list(100, text(10)) }),
    costly('pairs of many', pairs, { l: list(10_000, text(10)) }),
    costly('pairs without a bound', pairs, { l: { type: 'array', items: { type: 'string' } } }),
    costly('pairs of short texts', pairs, { l: list(600, text(5)) }),
    costly('pairs of long texts', pairs, { l: list(600, text(500)) }),
    costly('entries of a map', "self.m.all(k, self.m[k] != 'x')", {
      m: { type: 'object', additionalProperties: { type: 'string' } },
    }),
    costly('a regular expression of the object', 'self.a.matches(self.b)', { a: text(10_000), b: text(1_000) }),
    costly('a short regular expression', 'self.a.matches(self.b)', { a: text(1_000), b: text(100) }),
    costly('an enum has a bound', 'self.l.all(x, x == self.e)', {
      l: list(100_000, { type: 'string', enum: ['a', 'b'] }),
      e: { type: 'string', enum: ['a', 'b'] },
    }),
    costly('formats', '!format.dns1123Label().validate(self.a).hasValue()', { a: text(63) }),
    costly('addresses of a list', "self.l.all(x, cidr('10.0.0.0/8').containsIP(x))", { l: list(10_000, text(40)) }),
    costly('sorting', 'self.l.sort() == self.l', { l: list(5_000, number) }),
    costly('sets', 'sets.contains(self.l, self.k)', { l: list(2_000, text(10)), k: list(2_000, text(10)) }),
    costly('a transformation', 'self.l.transformList(i, v, v + i).size() > 0', { l: list(100_000, number) }),
    ofItems('items with a bound', "self.a == 'x'", 10, { a: text(10) }),
    ofItems('items without a bound', "self.a == 'x'", undefined, { a: text(10) }),
    ofItems('items without a bound: longer', 'self.a == self.b', undefined, { a: text(100), b: text(100) }),
    ofItems('a required field makes items rarer', 'self.a.contains(self.b)', undefined, { a: text(20), b: text(20) }),
    judged(
      'all rules together',
      definition(
        specOf(Object.fromEntries(Array.from({ length: 20 }, (_none, index) => [`l${index}`, list(900, text(5))])), {
          'x-kubernetes-validations': Array.from({ length: 20 }, (_none, index) => ({
            rule: `self.l${index}.all(x, self.l${index}.exists_one(y, x == y))`,
          })),
        }),
      ),
    ),
    judged(
      'a message that costs',
      definition(
        specOf(
          { a: { type: 'string' } },
          { 'x-kubernetes-validations': [{ rule: "self.a != ''", messageExpression: "self.a + self.a + 'x'" }] },
        ),
      ),
    ),
  ],
};
