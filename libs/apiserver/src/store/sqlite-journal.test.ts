import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteJournal, StoreFormatError } from './sqlite-journal.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(directory, 'data.sqlite');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const put = (key: string, value: string, resourceVersion: number) => ({ key, value, resourceVersion });

async function reopened(): Promise<{ resourceVersion: number; values: Record<string, string> }> {
  const journal = new SqliteJournal(file);
  const { resourceVersion, values } = journal.load();
  const content = Object.fromEntries([...values].map(({ key, value }) => [key, value]));
  await journal.close();
  return { resourceVersion, values: content };
}

describe('SqliteJournal', () => {
  test('keeps the last state of every key and the highest version', async () => {
    const journal = new SqliteJournal(file);
    await journal.commit([put('a', '1', 2), put('b', '1', 3), put('a', '2', 4)]);
    await journal.commit([{ key: 'b', value: undefined, resourceVersion: 5 }, put('c', '3', 6)]);
    await journal.close();
    expect(await reopened()).toEqual({ resourceVersion: 6, values: { a: '2', c: '3' } });
  });

  test('remembers the version of a deletion after which nothing is left', async () => {
    const journal = new SqliteJournal(file);
    await journal.commit([put('a', '1', 2), { key: 'a', value: undefined, resourceVersion: 3 }]);
    await journal.close();
    expect(await reopened()).toEqual({ resourceVersion: 3, values: {} });
  });

  test('a commit that fails leaves nothing of itself', async () => {
    const journal = new SqliteJournal(file);
    await journal.commit([put('a', '1', 2)]);
    const broken = put('c', '3', Number.NaN);
    await expect(journal.commit([put('a', '2', 3), broken])).rejects.toThrow('NOT NULL');
    await journal.close();
    expect(await reopened()).toEqual({ resourceVersion: 2, values: { a: '1' } });
  });

  test('a file that deletions left mostly empty shrinks at the next start', async () => {
    const journal = new SqliteJournal(file);
    const keys = Array.from({ length: 500 }, (_, index) => `key-${index}`);
    await journal.commit(keys.map((key, index) => put(key, 'x'.repeat(4000), index + 2)));
    await journal.commit(keys.map((key, index) => ({ key, value: undefined, resourceVersion: 1000 + index })));
    await journal.close();
    const before = statSync(file).size;
    expect(await reopened()).toEqual({ resourceVersion: 1499, values: {} });
    expect(statSync(file).size).toBeLessThan(before / 10);
  });

  test('refuses a file of another format', () => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 77');
    database.close();
    expect(() => new SqliteJournal(file)).toThrow(StoreFormatError);
  });
});
