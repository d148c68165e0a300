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
  /** Makes changes durable, all or none; resolves when they are. They are in the order of their versions, and so are calls. */
  commit(entries: readonly JournalEntry[]): Promise<void>;
  /** After the last commit. */
  close(): Promise<void>;
}

/** Keeps nothing: for tests and throw-away clusters. */
export const memoryJournal: Journal = {
  load: () => ({ resourceVersion: 0, values: [] }),
  commit: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
