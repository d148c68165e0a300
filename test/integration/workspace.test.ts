import { expect, test } from 'vitest';

test('the workspace runs tests', () => {
  expect(process.versions.node.split('.')[0]).toBe('26');
});
