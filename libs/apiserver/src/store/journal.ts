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
  /** Makes changes durable, all or none, before it returns. They are in the order of their versions. */
  commit(entries: readonly JournalEntry[]): void;
  close(): void;
}

/** Keeps nothing: for tests and throw-away clusters. */
export const memoryJournal: Journal = {
  load: () => ({ resourceVersion: 0, values: [] }),
  commit: () => undefined,
  close: () => undefined,
};
