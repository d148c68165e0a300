import { expect, test } from 'vitest';
import { schemaFile } from './schema-file.ts';

test('the schema of a manifest is JSON Schema without words of Kubernetes', () => {
  const [name, text] = schemaFile();
  const schema = JSON.parse(text) as { $schema: string; required: string[] };
  expect(name).toBe('application.schema.json');
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(schema.required).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  expect(text).not.toContain('x-kubernetes-');
});
