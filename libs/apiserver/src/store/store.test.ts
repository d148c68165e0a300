import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import { CompactedError } from './event-log.ts';
import { type Journal, memoryJournal } from './journal.ts';
import { Store, StoreFailedError, objectKey } from './store.ts';
import { thing } from './thing.fixture.ts';

const limits = { eventsKept: 10, bytesKept: 1_000_000 };

const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name);

describe('Store', () => {
  test('gives every change a higher resource version, over all buckets', () => {
    const store = new Store(memoryJournal, limits);
    const versions = [store.put('a', thing('x')), store.put('b', thing('x')), store.put('a', thing('x', 1))].map(
      ({ metadata }) => Number(metadata.resourceVersion),
    );
    expect(versions).toEqual([2, 3, 4]);
    expect(store.remove('a', objectKey('ns', 'x'))?.metadata.resourceVersion).toBe('5');
    expect(store.resourceVersion).toBe(5);
  });

  test('lists in key order, and as it was at an earlier version', () => {
    const store = new Store(memoryJournal, limits);
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

  test('stays in key order, whatever comes and goes between lists', () => {
    const keys = fc.array(fc.record({ name: fc.constantFrom('a', 'c', 'k', 'l', 'm', 's'), isGone: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(keys, (changes) => {
        const store = new Store(memoryJournal, limits);
        const there = new Set<string>();
        for (const { name, isGone } of changes) {
          if (isGone) store.remove('a', objectKey('ns', name));
          else store.put('a', thing(name));
          if (isGone) there.delete(name);
          else there.add(name);
          expect(names(store.list('a').objects)).toEqual([...there].toSorted());
        }
      }),
    );
  });

  test('tells listeners every change with the state before it, and resumes from the log', () => {
    const store = new Store(memoryJournal, limits);
    const seen: string[] = [];
    store.subscribeAll(({ kind, previous }) => seen.push(`${kind}:${String(previous?.['value'])}`));
    store.put('a', thing('x', 1));
    const since = store.resourceVersion;
    store.put('a', thing('x', 2));
    store.remove('a', objectKey('ns', 'x'));
    expect(seen).toEqual(['added:undefined', 'modified:1', 'deleted:2']);
    expect(store.eventsSince('a', since).map(({ kind }) => kind)).toEqual(['modified', 'deleted']);
  });

  test('tells watchers of a bucket what one commit brought, once it is durable', async () => {
    const committed: number[][] = [];
    const journal: Journal = {
      ...memoryJournal,
      commit: async (entries) => void committed.push(entries.map(({ resourceVersion }) => resourceVersion)),
    };
    const store = new Store(journal, limits);
    const told: string[][] = [];
    store.subscribe('a', (events) => told.push(events.map(({ object }) => object.metadata.name)));
    for (const name of ['x', 'y']) store.put('a', thing(name));
    store.put('b', thing('z'));
    expect(told).toEqual([]);
    expect(store.durableVersion).toBe(1);
    await store.durable();
    expect(store.durableVersion).toBe(4);
    expect(committed).toEqual([[2, 3, 4]]);
    expect(told).toEqual([['x', 'y']]);
  });

  test('gathers what is written while a commit runs for the next one', async () => {
    const commits: { versions: number[]; done: () => void }[] = [];
    const journal: Journal = {
      ...memoryJournal,
      commit: async (entries) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        commits.push({ versions: entries.map(({ resourceVersion }) => resourceVersion), done: resolve });
        return promise;
      },
    };
    const store = new Store(journal, limits);
    const told: number[] = [];
    store.subscribe('a', (events) => told.push(...events.map(({ resourceVersion }) => resourceVersion)));
    store.put('a', thing('x'));
    await expect.poll(() => commits.length).toBe(1);
    const first = store.durable();
    store.put('a', thing('y'));
    store.put('a', thing('z'));
    let isSecondDurable = false;
    const second = store.durable().then(() => (isSecondDurable = true));
    commits[0]?.done();
    await first;
    await expect.poll(() => commits.length).toBe(2);
    expect([isSecondDurable, store.durableVersion, told]).toEqual([false, 2, [2]]);
    commits[1]?.done();
    await second;
    expect([commits.map(({ versions }) => versions), told]).toEqual([
      [[2], [3, 4]],
      [2, 3, 4],
    ]);
    await store.close();
  });

  test('fails also what waited for the next commit', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const store = new Store({ ...memoryJournal, commit: () => promise }, limits);
    store.put('a', thing('x'));
    await new Promise((resolve) => setImmediate(resolve));
    store.put('a', thing('y'));
    const waiting = store.durable();
    reject(new Error('disk full'));
    await expect(waiting).rejects.toThrow(StoreFailedError);
    await store.close();
  });

  test('stops when its journal fails, and says so to everyone', async () => {
    const full = new Error('disk full');
    const journal: Journal = {
      ...memoryJournal,
      commit: () => Promise.reject(full),
    };
    const failures: Error[] = [];
    const store = new Store(journal, { ...limits, onFailure: (error) => failures.push(error) });
    const told: unknown[] = [];
    store.subscribe('a', (events) => told.push(events));
    store.put('a', thing('x'));
    await expect(store.durable()).rejects.toThrow(StoreFailedError);
    await expect(store.durable()).rejects.toMatchObject({ cause: full });
    expect(() => store.put('a', thing('y'))).toThrow(StoreFailedError);
    expect(failures).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test('keeps no more history than its bytes allow', () => {
    const store = new Store(memoryJournal, { eventsKept: 1000, bytesKept: 1000 });
    for (let index = 0; index < 50; index += 1) store.put('a', thing('x', index));
    const kept = store.eventsSince('a', store.resourceVersion - 3);
    expect(kept).toHaveLength(3);
    expect(() => store.eventsSince('a', 2)).toThrow(CompactedError);
  });

  test('refuses to look back further than its log reaches', () => {
    const store = new Store(memoryJournal, { eventsKept: 3, bytesKept: 1e6 });
    for (let index = 0; index < 20; index += 1) store.put('a', thing(`x${index}`));
    expect(() => store.eventsSince('a', 1)).toThrow(CompactedError);
    expect(store.eventsSince('a', store.resourceVersion - 2)).toHaveLength(2);
  });
});

test('a bucket that changes all the time leaves the history of the others alone', () => {
  const store = new Store(memoryJournal, { eventsKept: 3, bytesKept: 1e6 });
  store.put('quiet', thing('x'));
  for (let index = 0; index < 20; index += 1) store.put('busy', thing('x', index));
  expect(store.eventsSince('quiet', 1)).toHaveLength(1);
  expect(() => store.eventsSince('busy', 1)).toThrow(CompactedError);
});
