import { expect, test } from 'vitest';
import { parseClusters } from './cluster-words.ts';

const names = (words: readonly string[]): string[] => {
  const { hub, members } = parseClusters(words, '/home/x');
  return [hub, ...members].map(({ name, region = '-' }) => `${name}:${region}`);
};

const cases = [
  { words: ['hub,eu-1:eu,us-1:us'], want: ['hub:-', 'eu-1:eu', 'us-1:us'] },
  { words: ['a.yaml', 'b.yaml'], want: ['hub:eu', 'hub:eu', 'us-1:us'] },
  { words: ['a.yaml', 'b:eu=b.yaml'], want: ['hub:us', 'hub:us', 'b:eu'] },
  { words: ['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml'], want: ['hub:-', 'eu-1:eu', 'us-1:us', 'eu-2:eu'] },
  { words: ['main:eu=a', 'b', 'asia=c'], want: ['main:eu', 'main:eu', 'us-1:us', 'asia:eu'] },
];
test.for(cases)('$words', ({ words, want }) => expect(names(words)).toEqual(want));

test('a kubeconfig is a file, and a context of it', () => {
  const { members } = parseClusters(['all.yaml#kind-a', 'west:us=/etc/all.yaml#admin@b'], '/home/x');
  expect(members.map(({ kubeconfig }) => kubeconfig)).toEqual([
    { file: '/home/x/all.yaml', context: 'kind-a' },
    { file: '/etc/all.yaml', context: 'admin@b' },
  ]);
});

const refused = [
  { words: ['a.yaml'], message: 'one cluster is not enough' },
  { words: ['x=a.yaml', 'x=b.yaml'], message: 'x is named twice' },
  { words: ['a.yaml', `${'x'.repeat(40)}=b.yaml`], message: 'is not name or name:region' },
];
test.for(refused)('$words is refused', ({ words, message }) => {
  expect(() => parseClusters(words, '/')).toThrow(message);
});
