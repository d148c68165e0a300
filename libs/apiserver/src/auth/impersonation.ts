import type { IncomingHttpHeaders } from 'node:http';
import type { User } from '../http/exchange.ts';
import { badRequest, forbidden } from '../status.ts';
import { authenticatedGroup } from './authenticator.ts';
import type { Authorizer } from './authorizer.ts';

const extraPrefix = 'impersonate-extra-';

/**
 * The user a request is to be judged as: the one it names in `Impersonate-*` headers, where its sender may impersonate each part
 * of it, else its sender. Throws a 400 or 403.
 */
export function impersonated(sender: User, headers: IncomingHttpHeaders, authorizer: Authorizer): User {
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
  const parts: Part[] = [
    account === null
      ? { resource: 'users', name }
      : { resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' },
    ...groups.map((group) => ({ resource: 'groups', name: group })),
    ...(uid === '' ? [] : [{ group: 'authentication.k8s.io', resource: 'uids', name: uid }]),
    ...extra.flatMap(([key, values]) =>
      values.map((value) => ({
        group: 'authentication.k8s.io',
        resource: 'userextras',
        subresource: key,
        name: value,
      })),
    ),
  ];
  for (const part of parts) requirePart(sender, part, authorizer);
  return { name, uid, groups: completeGroups(name, groups, account?.[1]), extra: Object.fromEntries(extra) };
}

interface Part {
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

function requirePart(sender: User, part: Part, authorizer: Authorizer): void {
  const { group = '', resource, subresource = '', namespace = '', name } = part;
  const attributes = { verb: 'impersonate', isResource: true, path: '', group, resource, subresource, namespace, name };
  if (authorizer.allows(sender, attributes)) return;
  throw forbidden(
    { group, plural: resource },
    name,
    `User ${JSON.stringify(sender.name)} cannot impersonate resource ${JSON.stringify(resource)} in API group ` +
      `${JSON.stringify(group)} ${namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`}`,
  );
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
