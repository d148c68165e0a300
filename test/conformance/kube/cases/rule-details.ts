import { create, mergePatch, update, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import { changed, ruled, table } from '../rule.ts';

const text = { type: 'string', maxLength: 100 };
const number = { type: 'integer' };

/** What stands beside a rule: messages that are computed, reasons, places, and the value from before. */
export const ruleDetails: Suite = {
  name: 'rule-details',
  cases: [
    ruled(
      'message expression that fails',
      { n: number, l: { type: 'array', maxItems: 3, items: text } },
      [{ rule: 'self.n > 1', messageExpression: 'self.l[5]', message: 'plain' }],
      [{ n: 1, l: ['a'] }],
    ),
    ruled(
      'message expression that is empty',
      { n: number, a: text },
      [
        { rule: 'self.n > 1', messageExpression: 'self.a', message: 'plain' },
        { rule: 'self.n > 2', messageExpression: 'self.a' },
      ],
      [{ n: 1, a: ' ' }],
    ),
    ruled(
      'message expression with a line break',
      { n: number, a: text },
      [{ rule: 'self.n > 1', messageExpression: "self.a + '\\n' + self.a", message: 'plain' }],
      [{ n: 1, a: 'x' }],
    ),
    ruled(
      'message expression of a list',
      { l: { type: 'array', maxItems: 3, items: text } },
      [{ rule: 'self.l.size() < 2', messageExpression: "'too many: ' + self.l.join(', ')" }],
      [{ l: ['a', 'b'] }],
    ),
    ruled(
      'every reason',
      { n: number },
      ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'].map((reason) => ({
        rule: 'self.n > 1',
        reason,
        message: reason,
        fieldPath: '.n',
      })),
      [{ n: 1 }],
    ),
    ruled(
      'fieldPath into an object and a map',
      {
        o: { type: 'object', properties: { x: text } },
        m: { type: 'object', maxProperties: 3, additionalProperties: text },
        n: number,
      },
      [
        { rule: 'self.n > 1', fieldPath: '.o.x', message: 'x' },
        { rule: 'self.n > 1', fieldPath: ".m['a.b']", message: 'm' },
      ],
      [{ n: 1 }],
    ),
    ruled(
      'two macro variables',
      {
        l: { type: 'array', maxItems: 5, items: number },
        m: { type: 'object', maxProperties: 5, additionalProperties: number },
      },
      [
        { rule: 'self.l.all(i, v, v >= i)', message: 'list' },
        { rule: "self.m.exists(k, v, k == 'a' && v == 1)", message: 'map' },
        { rule: 'self.l.transformList(i, v, v > 1, v + i).size() < 3', message: 'transformed' },
      ],
      [
        { l: [1, 2], m: { a: 1 } },
        { l: [1, 0], m: { a: 2 } },
        { l: [2, 3, 4], m: { a: 1, b: 1 } },
      ],
    ),
    ruled(
      'formats, addresses and versions that fail',
      { a: text },
      [
        { rule: '!format.dns1123Label().validate(self.a).hasValue()', message: 'label' },
        { rule: "cidr('10.0.0.0/8').containsIP(self.a)", message: 'network' },
        { rule: 'semver(self.a).major() > 0', message: 'version' },
      ],
      [{ a: '10.1.2.3' }, { a: '1.2.3' }, { a: 'abc' }],
    ),
    table(
      'lists of CEL',
      { l: { type: 'array', maxItems: 5, items: number } },
      [
        'self.l.slice(0, 2) == [3, 1]',
        'self.l.sort() == [1, 2, 3]',
        'self.l.sortBy(x, -x) == [3, 2, 1]',
        'self.l.reverse() == [2, 1, 3]',
        'self.l.distinct().size() == 3',
        'self.l.first().value() == 3',
        'self.l.last().value() == 2',
        '[self.l, self.l].flatten().size() == 6',
        'lists.range(3) == [0, 1, 2]',
        'self.l.slice(0, 9) == []',
      ],
      { l: [3, 1, 2] },
    ),
    table(
      'optional values',
      { a: text, n: number },
      [
        "self.?a.orValue('x') == 'b'",
        'self.?n.hasValue()',
        'optional.of(1).optMap(x, x + 1).value() == 2',
        "optional.ofNonZeroValue('').hasValue()",
        'optional.none().hasValue()',
      ],
      { a: 'b' },
    ),
    changed(
      'transition: optional old value on create and change',
      specOf(
        { n: number },
        {
          'x-kubernetes-validations': [
            {
              rule: 'oldSelf.hasValue() ? self.n > oldSelf.value().n : self.n > 10',
              optionalOldSelf: true,
              message: 'grows',
            },
          ],
        },
      ),
      { n: 11 },
      [{ n: 12 }, { n: 12 }, { n: 5 }],
    ),
    changed(
      'transition: entries of a map',
      specOf({
        m: {
          type: 'object',
          maxProperties: 3,
          additionalProperties: {
            type: 'string',
            maxLength: 10,
            'x-kubernetes-validations': [{ rule: 'self == oldSelf' }],
          },
        },
      }),
      { m: { a: '1' } },
      [{ m: { b: '2' } }, { m: { a: '2' } }, { m: { a: null } }],
    ),
    changed(
      'transition: an atomic list',
      specOf({
        l: {
          type: 'array',
          maxItems: 3,
          'x-kubernetes-list-type': 'atomic',
          items: { type: 'string', maxLength: 5 },
          'x-kubernetes-validations': [{ rule: 'self.size() >= oldSelf.size()', message: 'no fewer' }],
        },
      }),
      { l: ['a'] },
      [{ l: ['a', 'b'] }, { l: ['c'] }, { l: [] }],
    ),
    {
      name: 'a rule and a status',
      steps: [
        ...define(
          definition(
            {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: { n: number } },
                status: { type: 'object', properties: { n: number } },
              },
              'x-kubernetes-validations': [
                { rule: '!has(self.status) || self.status.n <= self.spec.n', message: 'status may not be above spec' },
              ],
            },
            { subresources: { status: {} } },
          ),
        ),
        create(things, thing({ n: 1 })),
        mergePatch(`${things}/one/status`, { status: { n: 2 } }),
        mergePatch(`${things}/one/status`, { status: { n: 1 } }),
        mergePatch(`${things}/one`, { spec: { n: 0 } }),
        update(`${things}/one`, thing({ n: 3 })),
      ],
    },
  ],
};
