/** One change to make durable; `value` undefined removes the key. */
export interface JournalEntry {
  readonly key: string;
  readonly value: string | undefined;
  readonly resourceVersion: number;
}

export interface JournalContent {
  /** The highest resource version ever given out. */
  readonly resourceVersion: number;
  readonly values: Iterable<{ readonly key: string; readonly value: string }>;
}

/** Where a store keeps its objects beyond the life of the process. */
export interface Journal {
  load(): JournalContent;
  /** Makes a change durable before it returns; a store tells readers only about changes that were appended. */
  append(entry: JournalEntry): void;
  close(): void;
}

/** Keeps nothing: for tests and throw-away clusters. */
export const memoryJournal: Journal = {
  load: () => ({ resourceVersion: 0, values: [] }),
  append: () => undefined,
  close: () => undefined,
};
