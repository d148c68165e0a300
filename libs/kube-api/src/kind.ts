/** The names by which an API server knows a resource: what a client needs to build its URLs. */
export interface Kind {
  /** API group; '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Lower-case plural, as in the URL. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** `group/version`, or `version` alone for the core group: the `apiVersion` of a manifest. */
export const apiVersionOf = (kind: Pick<Kind, 'group' | 'version'>): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
