/** A pattern for paths: `*` and `?` within one name, `**` for any number of names, also none. */
export interface Glob {
  /** The directory below which all matches are; '' for the root. */
  readonly base: string;
  matches(path: string): boolean;
}

const hasWildcard = (name: string): boolean => /[*?]/.test(name);

/**
 * Whether `patterns` match all of `items` in their order, where `star` stands for any number of them. Linear in time but
 * for one step back to the last star: a hostile pattern cannot make it slow.
 */
const matchAll = (
  patterns: ArrayLike<string>,
  items: ArrayLike<string>,
  star: string,
  matchOne: (pattern: string, item: string) => boolean,
): boolean => {
  let p = 0;
  let n = 0;
  let lastStar = -1;
  let starAt = 0;
  while (n < items.length) {
    const pattern = patterns[p];
    if (pattern === star) {
      lastStar = p;
      starAt = n;
      p += 1;
    } else if (pattern !== undefined && matchOne(pattern, items[n] ?? '')) {
      p += 1;
      n += 1;
    } else if (lastStar >= 0) {
      starAt += 1;
      p = lastStar + 1;
      n = starAt;
    } else return false;
  }
  while (patterns[p] === star) p += 1;
  return p === patterns.length;
};

/** Character by character. */
const matchName = (pattern: string, name: string): boolean =>
  matchAll(pattern, name, '*', (one, character) => one === '?' || one === character);

/** Name by name. */
const matchNames = (patterns: readonly string[], names: readonly string[]): boolean =>
  matchAll(patterns, names, '**', matchName);

/** Why `text` is not a pattern, or undefined when it is. */
export const globProblem = (text: string): string | undefined => {
  if (text.length === 0 || text.length > 1_000) return 'a pattern has 1 to 1000 characters';
  if (/[[\]{}\\\p{Cc}]/u.test(text)) return 'a pattern knows *, ? and ** only: write several patterns for alternatives';
  if (text.startsWith('/') || text.split('/').includes('..'))
    return 'a pattern is relative to the root of the repository';
  return undefined;
};

/** `deploy`, `deploy/` and `.` stand for all that is below them, when `below` is set. */
export const parseGlob = (text: string, { below = false }: { readonly below?: boolean } = {}): Glob => {
  const names = text.split('/').filter((name) => name !== '' && name !== '.');
  const firstWild = names.findIndex(hasWildcard);
  const base = (firstWild < 0 ? names : names.slice(0, firstWild)).join('/');
  const patterns = below ? [...names, '**'] : names;
  return { base, matches: (path) => matchNames(patterns, path.split('/')) };
};
