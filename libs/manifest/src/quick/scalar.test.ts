import { expect, test } from 'vitest';
import { NotSimpleError, simpleScalar } from './scalar.ts';

test.for([
  ['web', 'web'],
  ['ghcr.io/acme/web:1.0.0', 'ghcr.io/acme/web:1.0.0'],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ['True', true],
  ['no', 'no'],
  ['~', null],
  ['017', 17],
  ['-1.5e3', -1500],
  ["''", ''],
  ["'it''s'", "it's"],
  ['"a\\n\\u00e9"', 'a\né'],
] as const)('%s', ([source, value]) => {
  expect(simpleScalar(source)).toBe(value);
});

test.for(['*a', '&a b', '!t x', '{a: b}', '[a]', 'a: b', 'a #b', 'a:', '- a', '-', '? a', '@a', '%a', '`a', '|', '>-'])(
  '%s is left to the careful reader',
  (source) => {
    expect(() => simpleScalar(source)).toThrow(NotSimpleError);
  },
);

test.for([
  "'",
  "'''",
  "'a'b'",
  "'a",
  '"a',
  '"a\\x41"',
  '"\\ud800"',
  '0x1F',
  '.inf',
  '.nan',
  '-0',
  '9'.repeat(20),
  '1e999',
])('%s, too', (source) => {
  expect(() => simpleScalar(source)).toThrow(NotSimpleError);
});

test('a text of megabytes is no trouble', () => {
  expect(simpleScalar(`'${"x''".repeat(1_000_000)}'`)).toBe("x'".repeat(1_000_000));
});
