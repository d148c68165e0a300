import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import { CompactedError } from './event-log.ts';
import { memoryJournal } from './journal.ts';
import { Store, objectKey } from './store.ts';

const thing = (name: string, value = 0): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'ns', uid: name, resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z' },
  value,
});

const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name);

describe('Store', () => {
  test('gives every change a higher resource version, over all buckets', () => {
    const store = new Store(memoryJournal, { eventsKept: 10 });
    const versions = [store.put('a', thing('x')), store.put('b', thing('x')), store.put('a', thing('x', 1))].map(
      ({ metadata }) => Number(metadata.resourceVersion),
    );
    expect(versions).toEqual([2, 3, 4]);
    expect(store.remove('a', objectKey('ns', 'x'))?.metadata.resourceVersion).toBe('5');
    expect(store.resourceVersion).toBe(5);
  });

  test('lists in key order, and as it was at an earlier version', () => {
    const store = new Store(memoryJournal, { eventsKept: 10 });
    store.put('a', thing('b'));
    store.put('a', thing('a'));
    const then = store.resourceVersion;
    store.put('a', thing('a', 7));
    store.put('a', thing('c'));
    store.remove('a', objectKey('ns', 'b'));
    expect(names(store.list('a').objects)).toEqual(['a', 'c']);
    const before = store.list('a', { resourceVersion: then });
    expect(names(before.objects)).toEqual(['a', 'b']);
    expect(before.objects[0]?.['value']).toBe(0);
  });

  test('tells listeners every change with the state before it, and resumes from the log', () => {
    const store = new Store(memoryJournal, { eventsKept: 10 });
    const seen: string[] = [];
    store.subscribe('a', ({ kind, previous }) => seen.push(`${kind}:${String(previous?.['value'])}`));
    store.put('a', thing('x', 1));
    const since = store.resourceVersion;
    store.put('a', thing('x', 2));
    store.remove('a', objectKey('ns', 'x'));
    expect(seen).toEqual(['added:undefined', 'modified:1', 'deleted:2']);
    expect(store.eventsSince('a', since).map(({ kind }) => kind)).toEqual(['modified', 'deleted']);
  });

  test('refuses to look back further than its log reaches', () => {
    const store = new Store(memoryJournal, { eventsKept: 3 });
    for (let index = 0; index < 20; index += 1) store.put('a', thing(`x${index}`));
    expect(() => store.eventsSince('a', 1)).toThrow(CompactedError);
    expect(store.eventsSince('a', store.resourceVersion - 2)).toHaveLength(2);
  });
});

test('a bucket that changes all the time leaves the history of the others alone', () => {
  const store = new Store(memoryJournal, { eventsKept: 3 });
  store.put('quiet', thing('x'));
  for (let index = 0; index < 20; index += 1) store.put('busy', thing('x', index));
  expect(store.eventsSince('quiet', 1)).toHaveLength(1);
  expect(() => store.eventsSince('busy', 1)).toThrow(CompactedError);
});
