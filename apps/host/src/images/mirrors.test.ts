import { expect, test } from 'vitest';
import { parseMirrors } from './mirrors.ts';

test('mirrors are kept in order, by registry', () => {
  expect(parseMirrors(['docker.io=a.test/hub/', 'ghcr.io=b.test:5000', 'docker.io=c.test'])).toEqual({
    'docker.io': ['a.test/hub', 'c.test'],
    'ghcr.io': ['b.test:5000'],
  });
});

test.for(['docker.io', '=a.test', 'docker.io=', 'docker.io=a.test b', 'a/b=c'])('refuses %j', (item) => {
  expect(parseMirrors([item])).toContain('is not registry=mirror');
});
