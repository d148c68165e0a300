import { type Case, type Suite } from '../case.ts';
import { definition, judged, specOf } from '../definition.ts';
import type { JsonObject } from '../json.ts';

const text = { type: 'string' };
const number = { type: 'integer' };
const rule = (name: string, rules: readonly JsonObject[], properties: JsonObject = { a: text, n: number }): Case =>
  judged(`rule: ${name}`, definition(specOf(properties, { 'x-kubernetes-validations': rules })));

export const definitionRules: Suite = {
  name: 'definition-rules',
  cases: [
    rule('taken', [{ rule: "self.a == 'x' || self.n > 1", message: 'm' }]),
    rule('empty', [{ rule: ' ' }]),
    rule('syntax', [{ rule: 'self.a ==' }]),
    rule('unknown field', [{ rule: 'self.b == 1' }]),
    rule('unknown variable', [{ rule: 'other.a == 1' }]),
    rule('unknown function', [{ rule: 'self.a.shout()' }]),
    rule('types do not fit', [{ rule: 'self.a == 1' }]),
    rule('not a bool', [{ rule: 'self.n + 1' }]),
    rule('double for int', [{ rule: 'self.n > 1.5' }]),
    rule('has of a field that is not there', [{ rule: 'has(self.zzz)' }]),
    rule('message with a line break', [{ rule: 'true', message: 'a\nb' }]),
    rule('message expression', [{ rule: 'self.n > 1', messageExpression: "'n is ' + string(self.n)" }]),
    rule('message expression that is no text', [{ rule: 'self.n > 1', messageExpression: 'self.n' }]),
    rule('reason', [{ rule: 'self.n > 1', reason: 'FieldValueForbidden' }]),
    rule('unknown reason', [{ rule: 'self.n > 1', reason: 'Odd' }]),
    rule('fieldPath', [{ rule: 'self.n > 1', fieldPath: '.n' }]),
    rule('fieldPath that is not there', [{ rule: 'self.n > 1', fieldPath: '.zzz' }]),
    rule('fieldPath with brackets', [{ rule: 'self.n > 1', fieldPath: "['n']" }]),
    rule('fieldPath into a list', [{ rule: 'self.n > 1', fieldPath: '.l[0]' }], {
      n: number,
      l: { type: 'array', items: text },
    }),
    rule('oldSelf', [{ rule: 'self.n >= oldSelf.n' }]),
    rule('optionalOldSelf', [{ rule: 'oldSelf.hasValue() || self.n > 1', optionalOldSelf: true }]),
    rule('the same field twice in macros', [{ rule: 'self.l.all(x, self.l.exists_one(y, x == y))' }], {
      l: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } },
    }),
    rule('too costly', [{ rule: 'self.l.all(x, self.l.all(y, self.l.all(z, x == y && y == z)))' }], {
      l: { type: 'array', items: text },
    }),
    rule('costly for one of many', [{ rule: 'self.l.all(x, self.l.all(y, x.matches(y)))' }], {
      l: { type: 'array', items: text },
    }),
    rule('quantity', [{ rule: "quantity(self.a).isGreaterThan(quantity('1Gi'))" }]),
    rule('url', [{ rule: "isURL(self.a) && url(self.a).getScheme() == 'https'" }]),
    rule('ip', [{ rule: 'isIP(self.a)' }]),
    rule('format', [{ rule: '!format.dns1123Label().validate(self.a).hasValue()' }]),
    rule('regular expression', [{ rule: "self.a.find('[a-z]+') == 'x' && self.a.matches('^x')" }]),
    rule('bad regular expression', [{ rule: "self.a.matches('(')" }]),
    rule('lists', [{ rule: 'self.l.isSorted() && self.l.sum() > 1 && self.l.indexOf(1) == 0' }], {
      l: { type: 'array', maxItems: 3, items: number },
    }),
    rule(
      'strings',
      [
        {
          rule: "self.a.lowerAscii().split(',').size() > 1 && self.a.charAt(0) == 'a' && self.a.replace('a', 'b') == 'b'",
        },
      ],
      { a: { type: 'string', maxLength: 20 } },
    ),
    rule('sets', [{ rule: "sets.contains(self.l, ['a'])" }], {
      l: { type: 'array', maxItems: 3, items: { type: 'string', maxLength: 5 } },
    }),
    rule('optional fields', [{ rule: "self.?a.orValue('x') == 'x'" }]),
    rule('two variables in macros', [{ rule: 'self.l.all(i, v, i < 5 || v > 1)' }], {
      l: { type: 'array', maxItems: 3, items: number },
    }),
    rule('semver', [{ rule: 'semver(self.a).major() > 0' }]),
    rule('cidr', [{ rule: "cidr('10.0.0.0/8').containsIP(self.a)" }]),
    rule('keyword as a field', [{ rule: "self.__namespace__ == 'a'" }], { namespace: text }),
    rule('field with a dash', [{ rule: "self.a__dash__b == 'a'" }], { 'a-b': text }),
    judged(
      'rule: oldSelf below a list',
      definition(
        specOf({
          l: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } },
        }),
      ),
    ),
    judged(
      'rule: oldSelf below a list map',
      definition(
        specOf({
          l: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
            items: {
              type: 'object',
              required: ['k'],
              properties: { k: text, v: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } },
            },
          },
        }),
      ),
    ),
    judged(
      'rule: metadata.name at the root',
      definition({ ...specOf({ a: text }), 'x-kubernetes-validations': [{ rule: "self.metadata.name == 'x'" }] }),
    ),
    judged(
      'rule: metadata.labels at the root',
      definition({
        ...specOf({ a: text }),
        'x-kubernetes-validations': [{ rule: "self.metadata.labels['a'] == 'x'" }],
      }),
    ),
    judged(
      'rule: inside of anyOf',
      definition(specOf({ a: { type: 'string', anyOf: [{ 'x-kubernetes-validations': [{ rule: 'true' }] }] } })),
    ),
  ],
};
