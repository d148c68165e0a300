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

/**
 * A journal in one SQLite file. WAL with synchronous=NORMAL: a commit survives the death of the process at any moment;
 * a power cut may lose the last commits, never the order or the file. A cluster on one machine restarts its clients
 * with it, so it pays no fsync for each write.
 */
export class SqliteJournal implements Journal {
  readonly #database: DatabaseSync;
  readonly #write: (entry: JournalEntry) => void;

  constructor(file: string) {
    const database = new DatabaseSync(file);
    this.#database = database;
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;');
    // A second server on the same file would hand out the same resource versions.
    database.exec('PRAGMA locking_mode = EXCLUSIVE;');
    const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (found !== 0 && found !== formatVersion) {
      database.close();
      throw new StoreFormatError(file, found);
    }
    database.exec(`
      CREATE TABLE IF NOT EXISTS object (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS version (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
      INSERT OR IGNORE INTO version (id, value) VALUES (1, 0);
      PRAGMA user_version = ${formatVersion};
    `);
    const put = database.prepare(
      'INSERT INTO object (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    const remove = database.prepare('DELETE FROM object WHERE key = ?');
    const version = database.prepare('UPDATE version SET value = ? WHERE id = 1');
    this.#write = ({ key, value, resourceVersion }) => {
      if (value === undefined) remove.run(key);
      else put.run(key, value);
      version.run(resourceVersion);
    };
  }

  load(): JournalContent {
    const version = this.#database.prepare('SELECT value FROM version WHERE id = 1').get();
    const rows = this.#database.prepare('SELECT key, value FROM object').all();
    return {
      resourceVersion: Number(version?.['value'] ?? 0),
      values: rows.map((row) => ({ key: String(row['key']), value: String(row['value']) })),
    };
  }

  append(entry: JournalEntry): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#write(entry);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}
