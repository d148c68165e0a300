import { expect, test } from 'vitest';
import { parseManifests } from './parse.ts';
import { fieldText, formatProblem } from './problem.ts';
import { type ManifestSchema, type SchemaIssue, validateWith } from './validate.ts';

const text = `apiVersion: v1
kind: A
metadata:
  labels:
    app.kubernetes.io/name: 1
spec:
  list:
    - port: -1
      prot: tcp
`;

const refusing = (...issues: SchemaIssue[]): ManifestSchema<never> => ({
  safeParse: () => ({ success: false, error: { issues } }),
});

const check = (...issues: SchemaIssue[]): string[] => {
  const [document] = parseManifests(text, { file: 'a.yaml' }).documents;
  if (document === undefined) return ['no document'];
  const result = validateWith(document, refusing(...issues));
  return result.kind === 'invalid' ? result.problems.map(formatProblem) : ['valid'];
};

test('issues of a schema become problems with their place in the file', () => {
  expect(
    check(
      { path: ['spec', 'list', 0, 'port'], message: 'must not be negative' },
      { path: ['spec', 'list', 0, 'name'], message: 'required' },
      { path: ['metadata', 'labels', 'app.kubernetes.io/name'], message: 'expected string' },
      { path: [], message: 'spec.a and spec.b exclude each other' },
    ),
  ).toEqual([
    'a.yaml:8:7: spec.list[0].port: must not be negative',
    'a.yaml:8:7: spec.list[0].name: required',
    'a.yaml:5:5: metadata.labels["app.kubernetes.io/name"]: expected string',
    'a.yaml:1:1: spec.a and spec.b exclude each other',
  ]);
});

test('each field that the schema does not know is named at its own place', () => {
  expect(
    check({ path: ['spec', 'list', 0], message: 'Unrecognized keys: "prot", "port"', keys: ['prot', 'port'] }),
  ).toEqual(['a.yaml:9:7: spec.list[0].prot: unknown field', 'a.yaml:8:7: spec.list[0].port: unknown field']);
});

test('a good document gives the value that the schema made of it', () => {
  const [document] = parseManifests(text, { file: 'a.yaml' }).documents;
  const schema: ManifestSchema<number> = { safeParse: () => ({ success: true, data: 7 }) };
  expect(document && validateWith(document, schema)).toEqual({ kind: 'valid', value: 7 });
});

test('a field is written as a reader would', () => {
  expect(fieldText(['a', 0, 'b-c', 'x.y', 'z'])).toBe('a[0].b-c["x.y"].z');
  expect(fieldText(['x/y'])).toBe('["x/y"]');
});
