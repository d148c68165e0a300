import { expect, test } from 'vitest';
import { duplicateKeys } from './duplicate-keys.ts';

test.for<[text: string, want: string[]]>([
  ['{}', []],
  ['{"a":1,"b":{"a":2}}', []],
  ['{"a":1,"a":2}', ['a']],
  ['{"data":{"a":"1","a":"2"}}', ['data.a']],
  ['{"list":[{"a":1},{"a":1,"b":[{},{"c":"x","c":"y"}]}]}', ['list[1].b[1].c']],
  ['{"a":"{\\"b\\":1,\\"b\\":2}"}', []],
  [String.raw`{"a\"":1,"a\u0022":2}`, ['a"']],
  ['{"a":["a","a"],"b":"a"}', []],
  ['{ "a": 1, "a": 1 }', ['a']],
])('%s', ([text, want]) => {
  expect(duplicateKeys(text, JSON.parse(text))).toEqual(want);
});

test('however deep', () => {
  const depth = 20_000;
  const text = `${'['.repeat(depth)}{"a":1,"a":1}${']'.repeat(depth)}`;
  expect(duplicateKeys(text, JSON.parse(text))).toEqual([`${'[0]'.repeat(depth)}.a`]);
});
