/** What to fetch. If several are given, the later one of this list counts, as in a GitSource. */
export interface GitRef {
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  /** A whole reference, such as `refs/pull/12/head`. */
  readonly name?: string | undefined;
  /** 40 or 64 hexadecimal digits. */
  readonly commit?: string | undefined;
}

/** What git is asked for: a reference of the remote, or an object. */
export type FetchName =
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'object'; readonly id: string }
  | { readonly kind: 'refused'; readonly reason: string };

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The rules of git-check-ref-format, for names that also must not look like options. */
const isName = (name: string): boolean =>
  name.length <= 250 &&
  /^[\p{L}\p{N}_#!$%&'()+,./;=@{}|"`-]+$/u.test(name) &&
  !/^[-/]|\/$|\/\/|\.\.|@\{|^@$|\.$|\.lock(?:\/|$)|(?:^|\/)\./.test(name);

export const isObjectId = (text: string): boolean => OBJECT_ID.test(text);

export const describeRef = ({ branch, tag, name, commit }: GitRef): string => {
  if (commit !== undefined) return `commit ${commit}`;
  if (name !== undefined) return `reference ${name}`;
  if (tag !== undefined) return `tag ${tag}`;
  return branch === undefined ? 'no reference' : `branch ${branch}`;
};

const reference = (prefix: string, name: string): FetchName =>
  isName(name) ? { kind: 'reference', name: prefix + name } : { kind: 'refused', reason: 'not a name that git allows' };

export const fetchName = ({ branch, tag, name, commit }: GitRef): FetchName => {
  if (commit !== undefined)
    return isObjectId(commit)
      ? { kind: 'object', id: commit }
      : { kind: 'refused', reason: 'a commit is given by all of its 40 or 64 hexadecimal digits, in lower case' };
  if (name !== undefined)
    return name.startsWith('refs/')
      ? reference('', name)
      : { kind: 'refused', reason: 'a reference begins with refs/' };
  if (tag !== undefined) return reference('refs/tags/', tag);
  if (branch !== undefined) return reference('refs/heads/', branch);
  return { kind: 'refused', reason: 'give a branch, a tag, a reference or a commit' };
};
