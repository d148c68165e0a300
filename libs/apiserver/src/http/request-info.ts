/** What a request is about, in the words RBAC uses. Follows apiserver's RequestInfoFactory. */
export interface RequestInfo {
  readonly path: string;
  readonly isResource: boolean;
  /** get, list, watch, create, update, patch, delete, deletecollection; for other paths the HTTP method in lower case. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** The name a list, watch or deletion of a collection is narrowed to by its field selector: RBAC treats it as a name. */
  readonly selectedName: string;
  /** Whether the path has more segments than a resource can have. */
  readonly excess: boolean;
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Segments below a namespace that are its own subresources rather than resources in it. */
const namespaceSubresources: readonly string[] = ['status', 'finalize'];

/** Returns undefined for a path that is not valid percent-encoding. */
export function requestInfo(method: string, url: URL): RequestInfo | undefined {
  const segments = decodedSegments(url.pathname);
  if (segments === undefined) return undefined;
  const path = url.pathname;
  const verb = verbs[method] ?? method.toLowerCase();
  const other = {
    path,
    isResource: false,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    selectedName: '',
    excess: false,
  };
  const [root, ...below] = segments;
  const asked = root === 'apis' ? below.slice(2) : below.slice(1);
  // `/api/v1/watch/…` is how watches were asked for before there was a query for it.
  const isWatchPath = asked[0] === 'watch' && asked.length > 1;
  const rest = isWatchPath ? asked.slice(1) : asked;
  if ((root !== 'api' && root !== 'apis') || rest.length === 0 || path.startsWith('//')) return other;
  if (root === 'apis' && below[0] === '') return other;
  const group = root === 'apis' ? (below[0] ?? '') : '';
  const version = (root === 'apis' ? below[1] : below[0]) ?? '';
  const namespaced = rest[0] === 'namespaces' && rest.length > 2 && !namespaceSubresources.includes(rest[2] ?? '');
  const namespace = rest[0] === 'namespaces' && rest.length > 1 ? (rest[1] ?? '') : '';
  const [resource = '', name = '', subresource = '', ...more] = namespaced ? rest.slice(2) : rest;
  return {
    path,
    isResource: true,
    verb: isWatchPath && verb === 'get' ? 'watch' : name === '' ? collectionVerb(verb, url.searchParams) : verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    selectedName: name === '' ? selectedName(url.searchParams) : '',
    excess: more.length > 0,
  };
}

/** A slash that is encoded parts segments too, as in Go; undefined where the encoding is broken. */
function decodedSegments(pathname: string): readonly string[] | undefined {
  const path = pathname.includes('%') ? decodedPath(pathname) : pathname;
  return path?.replaceAll(/^\/+|\/+$/g, '').split('/');
}

function decodedPath(pathname: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(pathname)) return undefined;
  const bytes = pathname.replaceAll(/%(..)/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

const selectedName = (query: URLSearchParams): string =>
  /(?:^|,)metadata\.name={1,2}([^,=]+)(?:,|$)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';

function collectionVerb(verb: string, query: URLSearchParams): string {
  if (verb === 'delete') return 'deletecollection';
  if (verb !== 'get') return verb;
  return isTrue(query.get('watch')) ? 'watch' : 'list';
}

export const isTrue = (value: string | null): boolean => value === 'true' || value === '1';
