import { open as openFile, type FileHandle } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { Journal, JournalContent, JournalEntry } from './journal.ts';

/** The file was written by another version of this server. */
export class StoreFormatError extends Error {
  readonly file: string;
  readonly found: number;

  constructor(file: string, found: number) {
    super(`${file}: store format ${found} is not the format ${formatVersion} of this server; start with a new file`);
    this.name = 'StoreFormatError';
    this.file = file;
    this.found = found;
  }
}

const formatVersion = 1;

/** How many pages of 4 KiB the write-ahead log holds before they move into the file. */
const checkpointPages = 2000;

/**
 * A journal in one SQLite file. A commit is on the disk when it resolves, so neither the death of the process nor a power
 * cut takes it back. With synchronous=NORMAL SQLite itself only makes sure that its write-ahead log stays whole; the log is
 * synced by us, beside the main thread, which works on meanwhile. One fsync is paid for all changes of a commit.
 */
export class SqliteJournal implements Journal {
  readonly #database: DatabaseSync;
  readonly #write: (entry: JournalEntry) => void;
  readonly #writeVersion: (resourceVersion: number) => void;
  readonly #logFile: string;
  #log: FileHandle | undefined;

  constructor(file: string) {
    this.#logFile = `${file}-wal`;
    const database = new DatabaseSync(file);
    this.#database = database;
    try {
      open(database, file);
    } catch (error) {
      database.close();
      throw error;
    }
    const put = database.prepare(
      'INSERT INTO object (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    const remove = database.prepare('DELETE FROM object WHERE key = ?');
    const version = database.prepare('UPDATE version SET value = ? WHERE id = 1');
    this.#write = ({ key, value }) => {
      if (value === undefined) remove.run(key);
      else put.run(key, value);
    };
    this.#writeVersion = (resourceVersion) => {
      version.run(resourceVersion);
    };
  }

  load(): JournalContent {
    const version = this.#database.prepare('SELECT value FROM version WHERE id = 1').get();
    return { resourceVersion: Number(version?.['value'] ?? 0), values: this.#values() };
  }

  async commit(entries: readonly JournalEntry[]): Promise<void> {
    const last = entries.at(-1);
    if (last === undefined) return;
    // An object written twice in one batch is written once to the disk.
    const latest = new Map(entries.map((entry) => [entry.key, entry]));
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const entry of latest.values()) this.#write(entry);
      this.#writeVersion(last.resourceVersion);
      this.#database.exec('COMMIT');
    } catch (error) {
      // A disk that is full ends the transaction by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
    // It stays the same file as long as the database is open: a checkpoint begins it anew in place.
    this.#log ??= await openFile(this.#logFile, 'r+');
    await this.#log.datasync();
  }

  async close(): Promise<void> {
    await this.#log?.close();
    this.#database.close();
  }

  /** Row by row: the file and its objects are never in memory twice. */
  *#values(): Generator<{ key: string; value: string }> {
    for (const { key, value } of this.#database.prepare('SELECT key, value FROM object').iterate()) {
      yield { key: String(key), value: String(value) };
    }
  }
}

function open(database: DatabaseSync, file: string): void {
  // A second server on the same file would hand out the same resource versions.
  database.exec('PRAGMA busy_timeout = 2000; PRAGMA locking_mode = EXCLUSIVE;');
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${checkpointPages};`,
  );
  const found = pragma(database, 'user_version');
  if (found !== 0 && found !== formatVersion) throw new StoreFormatError(file, found);
  if (found === 0) {
    // With row ids: rows in a tree of keys are too large for its pages, and cost twice the time to write.
    database.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE object (key TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE version (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
      INSERT INTO version (id, value) VALUES (1, 0);
      PRAGMA user_version = ${formatVersion};
      COMMIT;
    `);
  }
  // What deletions left empty is used again by later writes; a file that is mostly empty shrinks at the next start.
  if (pragma(database, 'freelist_count') * 2 > pragma(database, 'page_count')) database.exec('VACUUM');
}

const pragma = (database: DatabaseSync, name: string): number =>
  Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
