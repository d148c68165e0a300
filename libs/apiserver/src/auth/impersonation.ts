import type { IncomingHttpHeaders } from 'node:http';
import type { User } from '../http/exchange.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { badRequest } from '../status.ts';
import { authenticatedGroup } from './authenticator.ts';
import { type Authorizer, refusal } from './authorizer.ts';

const extraPrefix = 'impersonate-extra-';

/**
 * The user a request is to be judged as: the one it names in `Impersonate-*` headers, where its sender may impersonate each part
 * of it, else its sender. Throws a 400 or 403.
 */
export function impersonated(
  sender: User,
  headers: IncomingHttpHeaders,
  request: RequestInfo,
  authorizer: Authorizer,
): User {
  if (!Object.keys(headers).some((key) => key.startsWith('impersonate-'))) return sender;
  const name = single(headers['impersonate-user']);
  const groups = several(headers['impersonate-group']);
  const uid = single(headers['impersonate-uid']);
  const extra = Object.entries(headers)
    .filter(([key]) => key.startsWith(extraPrefix))
    .map(([key, values]): [string, readonly string[]] => [decoded(key.slice(extraPrefix.length)), several(values)]);
  if (name === '') {
    if (groups.length === 0 && uid === '' && extra.length === 0) return sender;
    throw badRequest('requested impersonation of groups, a uid or extra without impersonating a user');
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const asked: Impersonation = { account, name, groups, uid, extra };
  requireRight(sender, asked, request, authorizer);
  return { name, uid, groups: completeGroups(name, groups, account?.[1]), extra: Object.fromEntries(extra) };
}

/** Whom the headers name, part by part. */
interface Impersonation {
  readonly account: RegExpExecArray | null;
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid: string;
  readonly extra: readonly (readonly [string, readonly string[]])[];
}

interface Part {
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

function partsOf({ account, name, groups, uid, extra }: Impersonation): readonly Part[] {
  const group = 'authentication.k8s.io';
  return [
    account === null
      ? { resource: 'users', name }
      : { resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' },
    ...groups.map((each) => ({ resource: 'groups', name: each })),
    ...(uid === '' ? [] : [{ group, resource: 'uids', name: uid }]),
    ...extra.flatMap(([key, values]) =>
      values.map((value) => ({ group, resource: 'userextras', subresource: key, name: value })),
    ),
  ];
}

/**
 * Somebody may impersonate who may `impersonate` each part; or, for one kind of request, who may impersonate users (or accounts)
 * on it and may be each part. Throws a 403. Source: KEP-5284, constrained impersonation.
 */
function requireRight(sender: User, asked: Impersonation, request: RequestInfo, authorizer: Authorizer): void {
  const mode = asked.account === null ? 'user-info' : 'serviceaccount';
  const group = asked.account === null ? 'authentication.k8s.io' : '';
  const parts = partsOf(asked);
  const may = (verb: string, { group: own, ...part }: Part, other = ''): boolean =>
    authorizer.allows(sender, {
      verb,
      isResource: true,
      path: '',
      group: own ?? other,
      subresource: '',
      namespace: '',
      ...part,
    });
  if (parts.every((part) => may('impersonate', part))) return;
  const on = { ...request, verb: `impersonate-on:${mode}:${request.verb}` };
  if (!authorizer.allows(sender, { ...on, name: request.name || request.selectedName })) throw refusal(sender, on);
  const missing = parts.find((part) => !may(`impersonate:${mode}`, part, group));
  if (missing === undefined) return;
  throw refusal(sender, {
    ...request,
    isResource: true,
    verb: `impersonate:${mode}`,
    group: missing.group ?? group,
    resource: missing.resource,
    subresource: missing.subresource ?? '',
    namespace: missing.namespace ?? '',
    name: missing.name,
  });
}

/** A service account is in its own groups unless others are named; everybody but the anonymous user is authenticated. */
function completeGroups(name: string, groups: readonly string[], namespace: string | undefined): readonly string[] {
  if (name === 'system:anonymous') return groups.length === 0 ? ['system:unauthenticated'] : groups;
  const own =
    groups.length === 0 && namespace !== undefined
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : groups;
  return [...new Set([...own, authenticatedGroup])];
}

const single = (value: string | string[] | undefined): string => several(value)[0] ?? '';

/** Node joins a header that is sent several times with a comma and a space; no name of a group has one inside. */
const several = (value: string | string[] | undefined): string[] =>
  (Array.isArray(value) ? value : (value ?? '').split(', ')).filter((part) => part !== '');

/** Keys of extra are percent-encoded, because a header's name has few signs. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}
