/** What one file may ask of the parser. */
export interface ManifestLimits {
  /** Bytes of the file. */
  readonly maxBytes: number;
  /** Documents, and items of lists. */
  readonly maxDocuments: number;
  /** Nesting of maps and lists. */
  readonly maxDepth: number;
  /** Aliases (`*name`) in one document. */
  readonly maxAliases: number;
  /** Nodes that the aliases of one document stand for, together: the bound on "billion laughs". */
  readonly maxAliasedNodes: number;
}

export const DEFAULT_LIMITS: ManifestLimits = {
  maxBytes: 1024 * 1024,
  maxDocuments: 10_000,
  maxDepth: 100,
  maxAliases: 100,
  maxAliasedNodes: 10_000,
};
