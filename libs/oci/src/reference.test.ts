import { array, assert, constantFrom, option, property, record, string, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { OciError } from './error.ts';
import { formatReference, isLatest, parseReference } from './reference.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

test.for([
  ['ghcr.io/acme/hello:1.2', { registry: 'ghcr.io', repository: 'acme/hello', tag: '1.2', digest: undefined }],
  ['oci://ghcr.io/acme/hello:1', { registry: 'ghcr.io', repository: 'acme/hello', tag: '1', digest: undefined }],
  ['https://ghcr.io/a/b:1', { registry: 'ghcr.io', repository: 'a/b', tag: '1', digest: undefined }],
  ['localhost:5000/a:1', { registry: 'localhost:5000', repository: 'a', tag: '1', digest: undefined }],
  ['[::1]:5000/a:1', { registry: '[::1]:5000', repository: 'a', tag: '1', digest: undefined }],
  ['localhost/a', { registry: 'localhost', repository: 'a', tag: 'latest', digest: undefined }],
  ['hello', { registry: 'docker.io', repository: 'library/hello', tag: 'latest', digest: undefined }],
  ['acme/hello:x', { registry: 'docker.io', repository: 'acme/hello', tag: 'x', digest: undefined }],
  ['GHCR.io/Acme/Hello:V1', { registry: 'ghcr.io', repository: 'acme/hello', tag: 'V1', digest: undefined }],
  [`ghcr.io/a/b@${digest}`, { registry: 'ghcr.io', repository: 'a/b', tag: undefined, digest }],
  [`ghcr.io/a/b:1@${digest}`, { registry: 'ghcr.io', repository: 'a/b', tag: '1', digest }],
] as const)('%s', ([text, want]) => {
  expect(parseReference(text)).toEqual(want);
});

test.for([
  ['', 'repository'],
  ['ghcr.io/', 'repository'],
  ['ghcr.io/a//b', 'repository'],
  ['ghcr.io/../b', 'repository'],
  ['ghcr.io/a b:1', 'repository'],
  ['ghcr.io/a:', 'tag'],
  ['ghcr.io/a:-x', 'tag'],
  [`ghcr.io/a:${'x'.repeat(129)}`, 'tag'],
  ['ghcr.io/a@sha256:12', 'digest'],
  [`ghcr.io/a@sha512:${'0'.repeat(128)}`, 'digest'],
  [`ghcr.io/a@${digest}@${digest}`, 'more than one @'],
  ['ghcr.io:99999/a', 'registry host'],
  ['ghcr.io:0/a', 'registry host'],
  ['user:pw@ghcr.io/a', 'digest'],
  ['-bad.host/a', 'registry host'],
  ['a'.repeat(1025), 'longer'],
] as const)('refuses %j: %s', ([text, why]) => {
  expect(() => parseReference(text)).toThrow(why);
  expect(() => parseReference(text)).toThrow(OciError);
});

test('latest is what has neither another tag nor a digest', () => {
  expect(
    ['a/b', 'a/b:latest', 'a/b:1', `a/b@${digest}`, `a/b:latest@${digest}`].map(parseReference).map(isLatest),
  ).toEqual([true, true, false, false, false]);
});

/** The reference, or the refusal. */
function read(text: string): unknown {
  try {
    return parseReference(text);
  } catch (error) {
    return error;
  }
}

test('any text is a reference that reads back as itself, or an OciError', () => {
  const pieces = constantFrom(
    'a',
    'Z',
    '0',
    '.',
    ':',
    '/',
    '@',
    '-',
    '_',
    '[',
    ']',
    'sha256:',
    'oci://',
    digest,
    '\0',
    ' ',
  );
  const near = array(pieces, { maxLength: 20 }).map((parts) => parts.join(''));
  for (const texts of [string({ unit: 'binary' }), near]) {
    assert(
      property(texts, (text) => {
        const answer = read(text);
        if (answer instanceof OciError) return;
        const written = formatReference(parseReference(text));
        expect(parseReference(written)).toEqual(answer);
      }),
      { numRuns: 2_000 },
    );
  }
});

test('every well-formed reference is read', () => {
  const part = stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
  const parts = record({
    registry: stringMatching(/^[a-z0-9]{1,8}\.[a-z]{2,3}(:[1-9][0-9]{0,3})?$/),
    repository: array(part, { minLength: 1, maxLength: 4 }).map((path) => path.join('/')),
    tag: stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
    digest: option(stringMatching(/^sha256:[0-9a-f]{64}$/), { nil: undefined }),
  });
  assert(
    property(parts, (reference) => {
      expect(parseReference(formatReference(reference))).toEqual(reference);
    }),
  );
});
