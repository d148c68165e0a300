import { expect, test } from 'vitest';
import { manifest } from './manifest.fixture.ts';
import { problemText, readManifest } from './manifest.ts';
import { ulid } from './ulid.ts';

const target = { namespace: 'shop' };
const cases: { name: string; text: string | Uint8Array; name_?: string; want: string }[] = [
  { name: 'nothing', text: '', want: 'exactly one Application is expected, not 0' },
  { name: 'two documents', text: `${manifest()}---${manifest()}`, want: 'exactly one Application is expected, not 2' },
  { name: 'no YAML', text: 'a: [', want: '(line 1, column' },
  { name: 'bytes that are no text', text: new Uint8Array([0xff, 0xfe]), want: 'not valid UTF-8' },
  { name: 'a duplicate key', text: manifest().replace('spec:', 'spec: {}\nspec:'), want: 'spec' },
  {
    name: 'another kind',
    text: manifest().replace('kind: Application', 'kind: Pod'),
    want: 'kind: expected core.oam.dev',
  },
  { name: 'upper case in the name', text: manifest({ name: 'Hello' }), want: 'lower case letters, digits and dashes' },
  { name: 'an underscore in the name', text: manifest({ name: 'my_app' }), want: "'my_app' cannot be the name" },
  {
    name: 'a name that is not that of the request',
    text: manifest(),
    name_: 'other',
    want: 'metadata.name: is not other',
  },
  {
    name: 'another namespace',
    text: manifest().replace('  name: hello', '  name: hello\n  namespace: bank'),
    want: 'metadata.namespace: is not shop',
  },
  {
    name: 'a label of ours',
    text: manifest().replace('  name: hello', '  name: hello\n  labels: {kasmcloud.io/git-source: x}'),
    want: 'metadata.labels["kasmcloud.io/git-source"]: names of kasmcloud.io are written by its controllers only',
  },
  { name: 'the version latest', text: manifest({ version: 'latest' }), want: 'latest is not allowed' },
  { name: 'a version without end', text: manifest({ version: 'v'.repeat(300) }), want: 'more than 253 characters' },
  { name: 'instances below none', text: manifest({ instances: -1 }), want: 'instances' },
  {
    name: 'weights that come to nothing',
    text: `${manifest()}            spread: [{name: a, requirements: {zone: a}, weight: 0}]\n`,
    want: 'weight',
  },
];

test.for(cases)('$name is refused, with field and place', ({ text, name_, want }) => {
  const read = readManifest(text, { ...target, ...(name_ !== undefined && { name: name_ }) });
  const problems = read.kind === 'refused' ? read.problems : [];
  expect(problems.map(problemText).join('\n')).toContain(want);
});

test('all problems are told at once', () => {
  const read = readManifest(manifest({ name: 'My_App', version: 'latest', instances: -1 }), target);
  expect(read.kind === 'refused' && read.problems.length).toBeGreaterThan(1);
});

test('null is absent, and what a cluster added is not kept', () => {
  const text = manifest()
    .replace('  name: hello', '  name: hello\n  uid: x\n  labels: null')
    .replace(/traits:[\s\S]*/, 'traits: null');
  const read = readManifest(text, target);
  expect(read).toMatchObject({ kind: 'good' });
  if (read.kind !== 'good') return;
  expect(Object.keys(read.manifest.metadata)).toEqual(['name', 'annotations']);
  expect(read.manifest.spec.components[0]).not.toHaveProperty('traits');
});

test('fresh versions sort by time', () => {
  const early = ulid(1_000, new Uint8Array(10).fill(255));
  const late = ulid(1_001, new Uint8Array(10));
  expect(early).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(early < late).toBe(true);
  expect(ulid(1_469_918_176_385, new Uint8Array(10)).slice(0, 10)).toBe('01ARYZ6S41');
});
