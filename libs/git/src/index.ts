export type { GitAuth } from './environment.ts';
export {
  GitAuthError,
  GitError,
  GitLimitError,
  GitMirrorError,
  GitNameRefusedError,
  GitRefNotFoundError,
  GitTreeRefusedError,
  GitUnreachableError,
  GitUrlRefusedError,
} from './errors.ts';
export type { GitTarget } from './errors.ts';
export { describeRef } from './git-ref.ts';
export type { GitRef } from './git-ref.ts';
export { parseGitUrl } from './git-url.ts';
export type { GitProtocol, GitUrl } from './git-url.ts';
export { GitMirror } from './mirror.ts';
export type { FetchedCommit, GitCallOptions, GitMirrorOptions, GitRemoteOptions } from './mirror.ts';
export type { Verification } from './signature.ts';
export { DEFAULT_INCLUDE, DEFAULT_TREE_LIMITS } from './tree-reader.ts';
export type { GitFile, TreeLimits, TreeSelection } from './tree-reader.ts';
