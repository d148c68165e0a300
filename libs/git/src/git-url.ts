import { GitUrlRefusedError } from './errors.ts';

export type GitProtocol = 'https' | 'ssh' | 'file';

export interface GitUrl {
  readonly url: string;
  readonly protocol: GitProtocol;
  /** `https://host:port`; empty for other protocols. */
  readonly origin: string;
}

const isProtocol = (name: string, allowFile: boolean): name is GitProtocol =>
  name === 'https' || name === 'ssh' || (allowFile && name === 'file');

/** Why a URL is never given to git, or its parts. */
const read = (text: string, allowFile: boolean): GitUrl | string => {
  if (text.length > 2_000) return 'longer than 2000 characters';
  if (!/^[\x21-\x7e]+$/.test(text)) return 'only visible ASCII characters are allowed';
  if (/^[^/]+@[^/]+:/.test(text) && !text.includes('://')) return 'write it as ssh://user@host/path';
  if (!/^[a-z]+:\/\//.test(text) || !URL.canParse(text)) return 'write https://host/path or ssh://user@host/path';
  const url = new URL(text);
  const protocol = url.protocol.slice(0, -1);
  if (!isProtocol(protocol, allowFile)) return `protocol ${protocol} is not allowed: use https or ssh`;
  if (url.password !== '' || (url.username !== '' && protocol !== 'ssh'))
    return 'it carries credentials: put them into the secret that auth names';
  if (text.includes('?') || text.includes('#') || text.includes('\\')) return 'it may not contain ?, # or \\';
  if (protocol !== 'file' && !/^(?:[a-z0-9][a-z0-9.-]*|\[[0-9a-f:.]+\])$/i.test(url.hostname))
    return 'it does not name a host';
  if (url.username !== '' && !/^[a-z0-9_][a-z0-9_.-]*$/i.test(url.username)) return 'the user name is not allowed';
  if (url.pathname.length < 2 || url.pathname.startsWith('/-')) return 'it does not name a repository';
  return { url: text, protocol, origin: protocol === 'https' ? url.origin : '' };
};

/**
 * Checks a repository's URL before git sees it: https and ssh only (`file` when allowed), no credentials in it, nothing
 * that git or ssh could take for an option.
 *
 * @throws {GitUrlRefusedError}
 */
export const parseGitUrl = (text: string, { allowFile = false }: { readonly allowFile?: boolean } = {}): GitUrl => {
  const result = read(text, allowFile);
  if (typeof result === 'string') throw new GitUrlRefusedError({ url: text.slice(0, 200) }, `URL refused: ${result}`);
  return result;
};
