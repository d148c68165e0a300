/** Which requests of a listener are meant. */
export type RouteMatch =
  | { readonly kind: 'all' }
  /** The path as the client wrote it, without the query. */
  | { readonly kind: 'path'; readonly path: string }
  /** The whole value of a header, `host` mostly. */
  | { readonly kind: 'header'; readonly header: string; readonly value: string };

/** What is looked at of a request; header names are in lower case. */
export interface Routed {
  readonly pathWithQuery?: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The first route that a request is for. */
export const findRoute = <T extends { readonly match: RouteMatch }>(
  routes: readonly T[],
  request: Routed,
): T | undefined => routes.find(({ match }) => matches(match, request));

const matches = (match: RouteMatch, { pathWithQuery = '', headers }: Routed): boolean => {
  switch (match.kind) {
    case 'all':
      return true;
    case 'path':
      return pathWithQuery.split('?', 1)[0] === match.path;
    case 'header':
      return headers.some(([name, value]) => name === match.header && value === match.value);
  }
};
