import { typeMeta, Application, type ApplicationObject } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { Announcer, messagesOf } from './announcer.ts';

const application = (components: number, status?: ApplicationObject['status']): ApplicationObject => ({
  ...typeMeta(Application),
  metadata: { name: 'a', namespace: 'shop', generation: 1 },
  spec: {
    components: Array.from({ length: components }, (_, i) => ({ name: `c${i}`, type: 'component', properties: {} })),
  },
  ...(status !== undefined && { status: { observedGeneration: 1, ...status } }),
});
const deployed = application(1, { status: { type: 'deployed' } });

const cases = [
  {
    name: 'deployed',
    before: application(0),
    after: application(1),
    want: ['manifest_published', 'wadm.status.shop.a'],
  },
  { name: 'another version', before: application(1), after: application(2), want: ['manifest_published'] },
  { name: 'undeployed', before: deployed, after: application(0), want: ['manifest_unpublished', 'wadm.status.shop.a'] },
  { name: 'deleted', before: deployed, after: undefined, want: ['manifest_unpublished'] },
  { name: 'put only', before: undefined, after: application(0), want: ['wadm.status.shop.a'] },
  { name: 'well again', before: application(1), after: deployed, want: ['wadm.status.shop.a'] },
  { name: 'nothing new', before: deployed, after: deployed, want: [] },
];

test.for(cases)('$name: $want', ({ before, after, want }) => {
  const subjects = messagesOf('shop', before, after, '2026-01-01T00:00:00Z').map(({ subject }) => subject);
  expect(subjects).toHaveLength(want.length);
  want.forEach((text, i) => expect(subjects[i]).toContain(text));
});

test('only the leader tells, only of lattices, and in the order of the changes', async () => {
  let change: ((key: string, before?: ApplicationObject, after?: ApplicationObject) => void) | undefined;
  let isLeader = false;
  const told: string[] = [];
  const announcer = new Announcer({
    applications: {
      hasSynced: true,
      onChange: (handler) => {
        change = handler;
        return () => (change = undefined);
      },
    },
    lattices: {
      find: (name) =>
        Promise.resolve(
          name === 'plain' ? undefined : { name, mode: name === 'shop' ? 'Serve' : 'Observe', account: undefined },
        ),
    },
    isLeader: () => isLeader,
    publish: (subject) => told.push(subject),
    now: () => '2026-01-01T00:00:00Z',
    onError: () => told.push('error'),
  });
  change?.('shop/a', undefined, deployed);
  isLeader = true;
  const foreign = { ...deployed, metadata: { ...deployed.metadata, namespace: 'plain' } };
  change?.('plain/a', undefined, foreign);
  change?.('quiet/a', undefined, { ...deployed, metadata: { ...deployed.metadata, namespace: 'quiet' } });
  change?.('shop/a', application(0), application(1));
  change?.('shop/a', application(1), undefined);
  await announcer.close();
  expect(told.map((subject) => subject.split('.').at(-1))).toEqual(['manifest_published', 'a', 'manifest_unpublished']);
  expect(change).toBeUndefined();
});
