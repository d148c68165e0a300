import { createHash } from 'node:crypto';
import {
  GitLimitError,
  GitNameRefusedError,
  GitRefNotFoundError,
  type GitTarget,
  GitTreeRefusedError,
} from './errors.ts';
import { type Glob, globProblem, parseGlob } from './glob.ts';
import { GitExitError } from './git-process.ts';
import { parseBatch, parseBatchCheck, parseTreeListing, type TreeEntry } from './tree-format.ts';

export interface TreeLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  /** All files together. */
  readonly maxTotalBytes: number;
}

export const DEFAULT_TREE_LIMITS: TreeLimits = { maxFiles: 10_000, maxFileBytes: 1 << 20, maxTotalBytes: 64 << 20 };

export const DEFAULT_INCLUDE: readonly string[] = ['**/*.yaml', '**/*.yml', '**/*.json'];

export interface TreeSelection {
  /** Directories or files, also with wildcards. Default: the whole tree. */
  readonly paths?: readonly string[];
  /** A file is read if one of these matches its whole path. Default: YAML and JSON. */
  readonly include?: readonly string[];
  /** And none of these. */
  readonly exclude?: readonly string[];
  readonly limits?: Partial<TreeLimits>;
}

export interface GitFile {
  /** Relative to the root of the repository, with `/`. */
  readonly path: string;
  readonly content: Buffer;
}

/** Runs one git command on the mirror. */
export type GitCommand = (
  args: readonly string[],
  options?: { readonly input?: string; readonly maxOutputBytes?: number; readonly stop?: AbortSignal },
) => Promise<Buffer>;

const MAX_LISTING_BYTES = 64 << 20;

const globs = (patterns: readonly string[], target: GitTarget, below = false): Glob[] =>
  patterns.map((pattern) => {
    const problem = globProblem(pattern);
    if (problem !== undefined || /^[-:]/.test(pattern))
      throw new GitNameRefusedError(
        target,
        `pattern "${pattern.slice(0, 100)}" refused: ${problem ?? 'it begins with - or :'}`,
      );
    return parseGlob(pattern, { below });
  });

/** The directories that hold all of `selected`: sorted, none within another. */
const basesOf = (selected: readonly Glob[]): string[] => {
  const bases = [...new Set(selected.map(({ base }) => base))].toSorted();
  if (bases.includes('')) return [];
  return bases.filter((base) => !bases.some((other) => base.startsWith(`${other}/`)));
};

const matches = (patterns: readonly Glob[], path: string): boolean => patterns.some((pattern) => pattern.matches(path));

const requireHonestNames = (entries: readonly TreeEntry[], target: GitTarget): void => {
  const seen = new Set<string>();
  for (const { path } of entries) {
    const names = path.split('/');
    if (names.some((name) => name === '' || name === '.' || name === '..' || /\p{Cc}/u.test(name)))
      throw new GitTreeRefusedError(
        target,
        `the tree holds the name ${JSON.stringify(path)}, which leads elsewhere: the commit is not read`,
      );
    if (seen.has(path)) throw new GitTreeRefusedError(target, `the tree holds ${path} twice: the commit is not read`);
    seen.add(path);
  }
};

const requireLimits = (files: readonly TreeEntry[], limits: TreeLimits, target: GitTarget): void => {
  if (files.length > limits.maxFiles)
    throw new GitLimitError(
      target,
      `${files.length} files are selected, at most ${limits.maxFiles} are read: narrow paths or include`,
    );
  const large = files.find(({ size }) => size > limits.maxFileBytes);
  if (large !== undefined)
    throw new GitLimitError(
      target,
      `${large.path} has ${large.size} bytes, at most ${limits.maxFileBytes} are read: exclude it`,
    );
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > limits.maxTotalBytes)
    throw new GitLimitError(
      target,
      `the selected files have ${total} bytes, at most ${limits.maxTotalBytes} are read: narrow paths or include`,
    );
};

/**
 * The selected files of a commit, sorted by path. Symbolic links and submodules are passed over: nothing outside the
 * tree is ever read.
 */
export const readTreeFiles = async (
  run: GitCommand,
  commit: string,
  selection: TreeSelection,
  target: GitTarget,
): Promise<GitFile[]> => {
  const limits = { ...DEFAULT_TREE_LIMITS, ...selection.limits };
  const paths = globs(selection.paths ?? ['.'], target, true);
  const include = globs(selection.include ?? DEFAULT_INCLUDE, target);
  const exclude = globs(selection.exclude ?? [], target);
  const entries = parseTreeListing(await list(run, commit, basesOf(paths), target));
  requireHonestNames(entries, target);
  const files = entries
    .filter(
      ({ kind, path }) => kind === 'file' && matches(paths, path) && matches(include, path) && !matches(exclude, path),
    )
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  requireLimits(files, limits, target);
  const unreadable = files.find(({ path }) => path.includes('\ufffd'));
  if (unreadable !== undefined)
    throw new GitTreeRefusedError(target, `the name ${unreadable.path} is not UTF-8: rename the file`);
  if (files.length === 0) return [];
  const objectIds = files.map(({ objectId }) => objectId);
  const total = files.reduce((sum, { size }) => sum + size + 100, 0);
  const output = await run(['cat-file', '--batch'], { input: `${objectIds.join('\n')}\n`, maxOutputBytes: total });
  const contents = parseBatch(output, objectIds);
  return files.map(({ path }, index) => ({ path, content: contents[index] ?? Buffer.alloc(0) }));
};

const list = async (run: GitCommand, commit: string, bases: readonly string[], target: GitTarget): Promise<Buffer> => {
  try {
    return await run(['ls-tree', '-r', '-z', '--long', '--full-tree', commit, ...bases], {
      maxOutputBytes: MAX_LISTING_BYTES,
    });
  } catch (error) {
    if (error instanceof GitExitError && /not a valid object name|not a tree object/i.test(error.stderr))
      throw new GitRefNotFoundError(target, 'not in the mirror: fetch it first', { cause: error });
    throw error;
  }
};

/** Type and id of what stands at each path; undefined where nothing does. */
export const objectsAt = async (
  run: GitCommand,
  commit: string,
  paths: readonly string[],
): Promise<({ type: string; id: string } | undefined)[]> => {
  const questions = paths.map((path) => (path === '' ? `${commit}^{tree}` : `${commit}:${path}`));
  return parseBatchCheck(
    await run(['cat-file', '--batch-check'], { input: `${questions.join('\n')}\n` }),
    questions.length,
  );
};

/** SHA-256 over what stands at the base of each of `paths`: equal as long as nothing below them changes. */
export const hashPaths = async (
  run: GitCommand,
  commit: string,
  paths: readonly string[],
  target: GitTarget,
): Promise<string> => {
  const bases = [...new Set(globs(paths, target, true).map(({ base }) => base))].toSorted();
  const objects = await objectsAt(run, commit, ['', ...bases]);
  if (objects[0] === undefined) throw new GitRefNotFoundError(target, 'not in the mirror: fetch it first');
  const hash = createHash('sha256');
  for (const [index, base] of bases.entries()) {
    const object = objects[index + 1];
    hash.update(`${base}\0${object === undefined ? 'missing' : `${object.type} ${object.id}`}\n`);
  }
  return hash.digest('hex');
};

/** The id of the tree or file at `path`; undefined when there is none. */
export const objectAt = async (
  run: GitCommand,
  commit: string,
  path: string,
  target: GitTarget,
): Promise<string | undefined> => {
  const [{ base } = { base: '' }] = globs([path], target);
  const [object] = await objectsAt(run, commit, [base]);
  return object?.id;
};
