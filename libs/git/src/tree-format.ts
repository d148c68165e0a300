/** One line of `git ls-tree -r -z --long`. */
export interface TreeEntry {
  readonly kind: 'file' | 'symlink' | 'submodule';
  readonly objectId: string;
  /** Bytes; 0 for a submodule. */
  readonly size: number;
  /** Relative to the root; bytes that are not UTF-8 become U+FFFD. */
  readonly path: string;
}

/** git printed something that its documented formats do not allow. */
export class GitFormatError extends Error {
  override readonly name = 'GitFormatError';
}

const ENTRY = /^(\d{6}) (blob|tree|commit) ([0-9a-f]{40,64}) +(\d+|-)\t([^]+)$/;

const kindOf = (mode: string): TreeEntry['kind'] => {
  if (mode === '120000') return 'symlink';
  return mode === '160000' ? 'submodule' : 'file';
};

/** @throws {GitFormatError} */
export const parseTreeListing = (listing: Buffer): TreeEntry[] =>
  listing
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode = '', , objectId = '', size = '', path = ''] = ENTRY.exec(line) ?? [];
      if (path === '') throw new GitFormatError(`not a line of ls-tree: ${line.slice(0, 100)}`);
      return { kind: kindOf(mode), objectId, size: size === '-' ? 0 : Number(size), path };
    });

const LINE_FEED = 0x0a;

/** The contents that `git cat-file --batch` printed for `objectIds`, in their order. @throws {GitFormatError} */
export const parseBatch = (output: Buffer, objectIds: readonly string[]): Buffer[] => {
  let offset = 0;
  const contents = objectIds.map((objectId) => {
    const lineEnd = output.indexOf(LINE_FEED, offset);
    const header = output.toString('utf8', offset, lineEnd < 0 ? output.length : lineEnd);
    const [id, type, size = ''] = header.split(' ');
    const end = lineEnd + 1 + Number(size);
    if (lineEnd < 0 || id !== objectId || type !== 'blob' || !/^\d+$/.test(size) || output[end] !== LINE_FEED)
      throw new GitFormatError(`not the blob ${objectId}: ${header.slice(0, 100)}`);
    offset = end + 1;
    return output.subarray(lineEnd + 1, end);
  });
  if (offset !== output.length) throw new GitFormatError(`${output.length - offset} bytes after the last blob`);
  return contents;
};

/** `type id` of what `git cat-file --batch-check` found for each line of its input; undefined for what is missing. */
export const parseBatchCheck = (output: Buffer, lines: number): ({ type: string; id: string } | undefined)[] => {
  const answers = output.toString('utf8').split('\n').slice(0, -1);
  if (answers.length !== lines) throw new GitFormatError(`${answers.length} answers to ${lines} questions`);
  return answers.map((answer) => {
    const [, id, type] = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) \d+$/.exec(answer) ?? [];
    return id === undefined || type === undefined ? undefined : { type, id };
  });
};
