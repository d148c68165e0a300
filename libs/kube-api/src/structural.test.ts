import { expect, test } from 'vitest';
import { z } from 'zod';
import { NotStructuralError, toCrdSchema } from './structural.ts';

const cases: { name: string; schema: z.ZodType; want: object }[] = [
  {
    name: 'strict objects drop additionalProperties, because the server prunes',
    schema: z.strictObject({ a: z.string().max(3) }),
    want: { type: 'object', required: ['a'], properties: { a: { type: 'string', maxLength: 3 } } },
  },
  {
    name: 'integers lose the bounds of a JavaScript number and keep their own',
    schema: z.strictObject({ n: z.int().min(1).optional() }),
    want: { type: 'object', properties: { n: { type: 'integer', format: 'int64', minimum: 1 } } },
  },
  {
    name: 'int-or-string has no type and no anyOf',
    schema: z.union([z.string(), z.int()]).meta({ 'x-kubernetes-int-or-string': true }),
    want: { 'x-kubernetes-int-or-string': true },
  },
  {
    name: 'records keep the schema of their values',
    schema: z.record(z.string(), z.string().max(5)),
    want: { type: 'object', additionalProperties: { type: 'string', maxLength: 5 } },
  },
];

test.for(cases)('$name', ({ schema, want }) => {
  expect(toCrdSchema(schema)).toEqual(want);
});

test('a union is refused with the path where it stands', () => {
  const schema = z.strictObject({ deep: z.array(z.union([z.string(), z.boolean()])) });
  expect(() => toCrdSchema(schema, 'Thing.spec')).toThrow(NotStructuralError);
  expect(() => toCrdSchema(schema, 'Thing.spec')).toThrow('Thing.spec.deep[]: anyOf is not structural');
});

test('a default is refused, because it would show as drift', () => {
  expect(() => toCrdSchema(z.strictObject({ a: z.string().default('x') }))).toThrow('defaults show as drift');
});
