import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSchema, SchemaError } from '../index.ts';
import type { JsonObject } from '../index.ts';

interface Rule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

const string = { type: 'string' };
const integer = { type: 'integer' };
const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
const properties: JsonObject = {
  name: string,
  text: string,
  count: integer,
  min: integer,
  max: integer,
  ratio: { type: 'number' },
  flag: { type: 'boolean' },
  maybe: { type: 'string', nullable: true },
  port: { 'x-kubernetes-int-or-string': true },
  when: { type: 'string', format: 'date-time' },
  wait: { type: 'string', format: 'duration' },
  tags: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } },
  numbers: { type: 'array', maxItems: 1_000, items: integer },
  map: { type: 'object', additionalProperties: string },
  items: {
    type: 'array',
    items: { type: 'object', required: ['name'], properties: { name: string, weight: integer } },
    ...byName,
  },
  inner: { type: 'object', properties: { a: integer, b: integer } },
  namespace: string,
  'dash-ed': string,
};

function schemaWith(rules: Rule[], more: JsonObject = {}): JsonObject {
  const spec = { type: 'object', properties: { ...properties, ...more }, 'x-kubernetes-validations': rules };
  return { type: 'object', properties: { spec } };
}

function object(spec: JsonObject): JsonObject {
  return { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'x' }, spec };
}

function errorsOf(schema: JsonObject, spec: JsonObject, old?: JsonObject): string[] {
  const errors = compileSchema(schema).validate(object(spec), old === undefined ? undefined : object(old));
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

describe('rules that hold', () => {
  test.for<[rule: string, spec: JsonObject]>([
    ['self.numbers.all(i, n, n == i + 1)', { numbers: [1, 2, 3] }],
    ['self.tags.exists(i, t, i == 1 && t == "b") && self.tags.existsOne(i, t, t == "b")', { tags: ['a', 'b'] }],
    ['self.numbers.transformList(i, n, n > 1, n * i) == [2, 6]', { numbers: [1, 2, 3] }],
    ['self.map.all(k, v, k == v)', { map: { a: 'a' } }],
    ['{"a": 1}.transformMap(k, v, v + 1) == {"a": 2}', {}],
    ['{"a": 1}.transformMapEntry(k, v, {v: k}) == {1: "a"}', {}],
    ['self.numbers.sort() == [1, 2, 3] && self.numbers.sortBy(n, -n) == [3, 2, 1]', { numbers: [2, 3, 1] }],
    ['self.numbers.slice(1, 2) == [5] && self.numbers.distinct().size() == 2', { numbers: [4, 5, 4] }],
    ['[[1], [2, 3]].flatten() == [1, 2, 3] && lists.range(3) == [0, 1, 2]', {}],
    ['self.numbers.first().value() == 1 && self.numbers.reverse()[0] == 2', { numbers: [1, 2] }],
    ['ip("10.1.2.3").family() == 4 && ip("::1").isLoopback() && !isIP("::ffff:1.2.3.4")', {}],
    ['ip.isCanonical("2001:db8::1") && !ip.isCanonical("2001:DB8:0::1") && string(ip("1::0:0")) == "1::"', {}],
    ['cidr("10.0.0.0/8").containsIP("10.1.1.1") && !cidr("10.0.0.0/8").containsCIDR("10.0.0.0/7")', {}],
    ['cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8") && cidr("::/64").prefixLength() == 64', {}],
    ['semver("1.2.3").isLessThan(semver("1.10.0")) && semver("1.0.0-rc.1").compareTo(semver("1.0.0")) == -1', {}],
    ['semver("v1.2", true) == semver("1.2.0") && !isSemver("v1.2")', {}],
    [
      'format.dns1123Label().validate("A").hasValue() && !format.uuid().validate("01234567-89ab-cdef-0123-456789abcdef").hasValue()',
      {},
    ],
    ['optional.of(1).optMap(x, x + 1).value() == 2 && !optional.ofNonZeroValue(0).hasValue()', {}],
    ['self.min <= self.max', { min: 1, max: 2 }],
    ['!has(self.min) || self.min > 0', {}],
    ['has(self.min) != has(self.max)', { min: 1 }],
    ['self.count * 2 == 6 && self.count / 2 == 1 && self.count % 2 == 1', { count: 3 }],
    ['self.ratio > 0.5', { ratio: 1 }],
    ['self.flag ? self.name == "a" : self.name == "b"', { flag: false, name: 'b' }],
    ['self.maybe == null', { maybe: null }],
    ['self.maybe.startsWith("x")', { maybe: 'xy' }],
    ['self.port == 80 || self.port == "http"', { port: 'http' }],
    ['type(self.port) == int', { port: 80 }],
    ['self.tags.all(t, t.size() < 4) && self.tags.exists(t, t == "b")', { tags: ['a', 'b'] }],
    ['self.tags.exists_one(t, t.startsWith("a"))', { tags: ['a', 'b'] }],
    ['self.tags.map(t, t + "!") == ["a!", "b!"]', { tags: ['a', 'b'] }],
    ['self.tags.filter(t, t != "a").size() == 1', { tags: ['a', 'b'] }],
    ['"a" in self.tags && !("c" in self.tags)', { tags: ['a', 'b'] }],
    [
      'self.map.all(k, self.map[k] == k) && "x" in self.map && self.map.x == "x"',
      { map: { x: 'x', constructor: 'constructor' } },
    ],
    ['!("toString" in self.map)', { map: {} }],
    ['self.items.all(i, !has(i.weight) || i.weight > 0)', { items: [{ name: 'a' }, { name: 'b', weight: 1 }] }],
    ['self.items[0].name == "a" && !has(self.items[0].weight)', { items: [{ name: 'a' }] }],
    ['has(self.map.x) && !has(self.map.y)', { map: { x: '' } }],
    ['self.inner == self.inner && self.inner.a + self.inner.b == 3', { inner: { a: 1, b: 2 } }],
    ['self.__namespace__ == "n" && self.dash__dash__ed == "d"', { namespace: 'n', 'dash-ed': 'd' }],
    [
      'self.when < timestamp("2027-01-01T00:00:00Z") && self.when.getFullYear() == 2026',
      { when: '2026-05-01T10:00:00Z' },
    ],
    ['self.wait == duration("90s")', { wait: '1m30s' }],
    ['self.?text.orValue("none") == "none"', {}],
    // the Kubernetes library
    [
      'self.numbers.isSorted() && self.numbers.sum() == 6 && self.numbers.min() == 1 && self.numbers.max() == 3',
      { numbers: [1, 2, 3] },
    ],
    ['self.numbers.indexOf(2) == 1 && self.numbers.lastIndexOf(9) == -1', { numbers: [1, 2, 2] }],
    [
      'self.text.matches("^[a-z]+$") && self.text.find("[b-z]+") == "bc" && self.text.findAll("[a-c]") == ["a", "b", "c"]',
      { text: 'abc' },
    ],
    [
      'self.text.indexOf("b") == 1 && self.text.substring(1, 2) == "b" && self.text.charAt(0) == "😀"',
      { text: '😀bc' },
    ],
    ['self.text.lowerAscii() == "äbÄ" && self.text.replace("B", "c") == "äcÄ"', { text: 'äBÄ' }],
    ['self.text.split(",").join("-") == "a-b" && " x ".trim() == "x"', { text: 'a,b' }],
    ['"%s has %d of %.1f".format([self.name, self.count, 1.5]) == "n has 2 of 1.5"', { name: 'n', count: 2 }],
    [
      'quantity(self.text).isGreaterThan(quantity("1Gi")) && quantity("1500m").compareTo(quantity("1.5")) == 0',
      { text: '1.5Gi' },
    ],
    ['isQuantity("100Mi") && !isQuantity("100Mo") && quantity("2k").asInteger() == 2000', {}],
    [
      'url(self.text).getScheme() == "https" && url(self.text).getHostname() == "h" && url(self.text).getPort() == "8080"',
      { text: 'https://h:8080/a?b=c' },
    ],
    ['url(self.text).getQuery()["b"][0] == "c" && !isURL("../x") && isURL("/x")', { text: 'https://h:8080/a?b=c' }],
    ['isIP("::1") && isCIDR("10.0.0.0/8") && !isCIDR("10.0.0.0/33")', {}],
    [
      'sets.contains(self.tags, ["a"]) && sets.equivalent(self.tags, ["b", "a"]) && !sets.intersects(self.tags, ["c"])',
      { tags: ['a', 'b'] },
    ],
  ])('%s', ([rule, spec]) => {
    expect(errorsOf(schemaWith([{ rule }]), spec)).toEqual([]);
  });
});

describe('messages', () => {
  const failing = 'self.min <= self.max';
  const spec = { min: 2, max: 1 };

  test.for<[name: string, rule: Rule, want: string]>([
    ['the rule', { rule: ` ${failing} ` }, `spec: Invalid value: failed rule: ${failing}`],
    ['a message', { rule: failing, message: ' min is larger ' }, 'spec: Invalid value: min is larger'],
    [
      'a computed message',
      { rule: failing, message: 'no', messageExpression: '"min %d is above %d".format([self.min, self.max])' },
      'spec: Invalid value: min 2 is above 1',
    ],
    [
      'a computed message that fails',
      { rule: failing, message: 'min is larger', messageExpression: 'self.text' },
      'spec: Invalid value: min is larger',
    ],
    ['a field', { rule: failing, message: 'too large', fieldPath: '.min' }, 'spec.min: Invalid value: too large'],
    ['a reason', { rule: failing, message: 'no', reason: 'FieldValueForbidden' }, 'spec: Forbidden: no'],
    [
      'required',
      { rule: failing, message: 'set it', reason: 'FieldValueRequired', fieldPath: '.text' },
      'spec.text: Required value: set it',
    ],
    [
      'an error',
      { rule: 'self.text == "a"' },
      'spec: Invalid value: "object": no such key: text evaluating rule: self.text == "a"',
    ],
  ])('%s', ([, rule, want]) => {
    expect(errorsOf(schemaWith([rule]), spec)).toEqual([want]);
  });

  test('of nested values', () => {
    const rules = [{ rule: 'self > 0', message: 'must be above 0' }];
    const more = {
      deep: {
        type: 'array',
        items: { type: 'object', properties: { n: { ...integer, 'x-kubernetes-validations': rules } } },
      },
      entries: { type: 'object', additionalProperties: { ...integer, 'x-kubernetes-validations': rules } },
    };
    expect(errorsOf(schemaWith([], more), { deep: [{ n: 1 }, { n: 0 }], entries: { a: 0 } })).toEqual([
      'spec.deep[1].n: Invalid value: 0: must be above 0',
      'spec.entries[a]: Invalid value: 0: must be above 0',
    ]);
  });

  test('of the whole object', () => {
    const schema = {
      ...schemaWith([]),
      'x-kubernetes-validations': [{ rule: 'self.metadata.name == "y"', message: 'no' }],
    };
    expect(errorsOf(schema, {})).toEqual(['<nil>: Invalid value: no']);
  });

  test('rules wait until the object fits its schema', () => {
    expect(errorsOf(schemaWith([{ rule: failing }]), { min: 'x', max: 1 })).toEqual([
      'spec.min: Invalid value: "string": spec.min in body must be of type integer: "string"',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });
});

describe('rules on changes', () => {
  const epoch = '!has(oldSelf.count) || (has(self.count) && self.count >= oldSelf.count)';
  const itemRule = {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: string, weight: integer },
        'x-kubernetes-validations': [{ rule: 'self.weight >= oldSelf.weight', message: 'may not fall' }],
      },
      ...byName,
    },
  };

  test.for<[name: string, schema: JsonObject, old: JsonObject | undefined, next: JsonObject, want: number]>([
    ['a create has no old value', schemaWith([{ rule: 'self.name == oldSelf.name' }]), undefined, { name: 'a' }, 0],
    ['immutable', schemaWith([{ rule: 'self.name == oldSelf.name' }]), { name: 'a' }, { name: 'b' }, 1],
    ['may rise', schemaWith([{ rule: epoch }]), { count: 1 }, { count: 2 }, 0],
    ['may not fall', schemaWith([{ rule: epoch }]), { count: 2 }, { count: 1 }, 1],
    ['may not vanish', schemaWith([{ rule: epoch }]), { count: 2 }, {}, 1],
    [
      'objects compare by content',
      schemaWith([{ rule: 'self.inner == oldSelf.inner' }]),
      { inner: { a: 1, b: 2 } },
      { inner: { b: 2, a: 1 } },
      0,
    ],
    [
      'items of a map are followed',
      schemaWith([], itemRule),
      {
        items: [
          { name: 'a', weight: 1 },
          { name: 'b', weight: 5 },
        ],
      },
      {
        items: [
          { name: 'b', weight: 4 },
          { name: 'a', weight: 2 },
        ],
      },
      1,
    ],
    ['a new item has no old value', schemaWith([], itemRule), { items: [] }, { items: [{ name: 'a', weight: 1 }] }, 0],
    [
      'optional old value',
      schemaWith([{ rule: 'oldSelf.hasValue() || self.name == "first"', optionalOldSelf: true }]),
      undefined,
      { name: 'second' },
      1,
    ],
    [
      'optional old value, present',
      schemaWith([{ rule: 'oldSelf.hasValue() || self.name == "first"', optionalOldSelf: true }]),
      { name: 'a' },
      { name: 'second' },
      0,
    ],
    [
      'a fault that was there may stay',
      schemaWith([], {
        inner: { type: 'object', properties: { a: integer }, 'x-kubernetes-validations': [{ rule: 'self.a > 0' }] },
      }),
      { inner: { a: 0 } },
      { inner: { a: 0 }, name: 'new' },
      0,
    ],
    [
      'but not when its value changed',
      schemaWith([], {
        inner: { type: 'object', properties: { a: integer }, 'x-kubernetes-validations': [{ rule: 'self.a > 0' }] },
      }),
      { inner: { a: 0 } },
      { inner: { a: -1 } },
      1,
    ],
  ])('%s', ([, schema, old, next, want]) => {
    expect(errorsOf(schema, next, old)).toHaveLength(want);
  });
});

describe('rules that are refused', () => {
  test.for<[name: string, rule: Rule, want: string]>([
    ['nothing', { rule: ' ' }, 'x-kubernetes-validations[0].rule: Required value'],
    ['no CEL', { rule: 'self.a =' }, 'compilation failed'],
    ['a field that is not there', { rule: 'self.nmae == "x"' }, "undefined field 'nmae'"],
    ['has() of a field that is not there', { rule: '!has(self.nmae)' }, "undefined field 'nmae'"],
    ['has() of such a field in a loop', { rule: 'self.items.all(i, has(i.nmae))' }, "undefined field 'nmae'"],
    ['has() of no field', { rule: 'has(self)' }, 'invalid argument to has() macro'],
    ['wrong types', { rule: 'self.count == "x"' }, 'no such overload: int == string'],
    ['no bool', { rule: 'self.count' }, 'must evaluate to a bool'],
    ['no such variable', { rule: 'other.count > 0' }, 'unknown variable: other'],
    ['a function of another CEL', { rule: 'self.text.hex() == ""' }, "undeclared reference to 'hex'"],
    ['cel.bind, which Kubernetes does not have', { rule: 'cel.bind(n, 1, n == 1)' }, 'undeclared reference to'],
    [
      'more than it may cost',
      { rule: 'self.numbers.all(a, self.text.contains(self.name))' },
      'exceeds budget by factor of',
    ],
    ['a name that only stands inside', { rule: 'self.text.k8s_matches("a")' }, "undeclared reference to 'k8s_matches'"],
    ['a bad pattern', { rule: 'self.text.matches("(")' }, 'error parsing regexp'],
    ['a pattern beyond RE2', { rule: 'self.text.matches("(?=a)")' }, 'error parsing regexp'],
    [
      'a message that is no text',
      { rule: 'self.count > 0', messageExpression: 'self.count' },
      'messageExpression: Invalid value: "self.count": must evaluate to a string',
    ],
    ['a field path that is not there', { rule: 'self.count > 0', fieldPath: '.nothing' }, 'fieldPath'],
    [
      'optionalOldSelf without oldSelf',
      { rule: 'self.count > 0', optionalOldSelf: true },
      'may not be set if oldSelf is not used in rule',
    ],
  ])('%s', ([, rule, want]) => {
    expect(() => compileSchema(schemaWith([rule]))).toThrow(SchemaError);
    expect(() => compileSchema(schemaWith([rule]))).toThrow(want);
  });

  test('oldSelf where items cannot be followed', () => {
    const list = { type: 'array', items: { ...string, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } };
    expect(() => compileSchema(schemaWith([], { list }))).toThrow('uncorrelatable portion of the schema');
  });
});

test('a rule that loops too long ends', () => {
  const rule = 'self.numbers.all(a, self.numbers.all(b, a + b >= 0))';
  const numbers = Array.from({ length: 1_000 }, (_, index) => index);
  const [error] = errorsOf(schemaWith([{ rule }]), { numbers });
  expect(error).toContain('running out of cost budget');
  // The next object has a budget of its own.
  expect(errorsOf(schemaWith([{ rule }]), { numbers: [1, 2] })).toEqual([]);
});

test('a pattern that would backtrack for ever is linear', () => {
  const schema = schemaWith([{ rule: '!self.text.matches("^(a+)+$")' }]);
  expect(errorsOf(schema, { text: `${'a'.repeat(50_000)}!` })).toEqual([]);
});

test('the order of keys does not matter', () => {
  const compiled = compileSchema(
    schemaWith([
      { rule: 'self.map.all(k, self.map[k] != "x") && self.map.exists(k, k == "a")' },
      { rule: 'self.inner.a < self.inner.b', messageExpression: '"%s".format([self.map])' },
    ]),
  );
  const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'));
  fc.assert(
    fc.property(map, fc.nat(2), fc.nat(2), (entries, a, b) => {
      const one = compiled.validate(object({ map: entries, inner: { a, b } }));
      const reversed = Object.fromEntries(Object.entries(entries).toReversed());
      expect(compiled.validate(object({ inner: { b, a }, map: reversed }))).toEqual(one);
    }),
  );
});

test('garbage in rules throws nothing but SchemaError', () => {
  const word = fc.constantFrom(
    ...'self . ( ) [ ] ! && || == + "a" 1 name text items has all size in ? : , oldSelf matches {'.split(' '),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 9 }), (words) => {
      expect(outcome(words.join(' '))).toSatisfy((result) => Array.isArray(result) || result instanceof SchemaError);
    }),
    { numRuns: 500 },
  );
});

function outcome(rule: string): unknown {
  try {
    return compileSchema(schemaWith([{ rule }])).validate(object({ name: 'a', text: 'b', items: [] }), object({}));
  } catch (error) {
    return error;
  }
}
