import { expect, test } from 'vitest';
import { StoredObject, storedText } from './stored-text.ts';
import { thing } from './thing.fixture.ts';

test('an object at rest is its JSON, and the same object for as long as it is used', () => {
  const object = thing('x', 7);
  const stored = StoredObject.of(object);
  expect(stored.object).toBe(object);
  const reread = StoredObject.fromText(stored.text);
  expect(reread.object).toEqual(object);
  expect(reread.object).toBe(reread.object);
  expect(storedText(reread.object)).toBe(stored.text);
});

test('the labels of an object at rest are those that it has', () => {
  const object = thing('x');
  const labels = { app: 'x', tier: 'front' };
  const labelled = { ...object, metadata: { ...object.metadata, labels } };
  expect(StoredObject.of(labelled).labels).toEqual(labels);
  expect(StoredObject.fromText(storedText(labelled)).labels).toEqual(labels);
  expect(StoredObject.of(object).labels).toEqual({});
});
