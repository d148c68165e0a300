import type { BoundObject, TokenService } from '../auth/token-service.ts';
import { issuer } from '../auth/token-service.ts';
import { type KubeObject, asList, asObject, asStrings, stringOr, timestamp } from '../object.ts';
import { valueAt } from '../paths.ts';
import { tokenRequestKind } from '../resources/builtin/reviews.ts';
import type { Cluster } from '../resources/cluster.ts';
import { getObject } from '../resources/read.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest, conflict, invalid, methodNotAllowed } from '../status.ts';

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;
const maxAudiences = 32;

/** What a token may be bound to: it is good for as long as this object is there. */
const bindable: Readonly<Record<string, string>> = { Pod: 'pods', Node: 'nodes', Secret: 'secrets' };

/**
 * Answers a `TokenRequest` that was posted to a service account, with a token for it. Throws a 400, 404, 409 or 422.
 * @param request decoded, with its defaults
 */
export function answerTokenRequest(
  cluster: Cluster,
  tokens: TokenService,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  request: KubeObject,
): Pick<KubeObject, 'metadata'> & JsonObject {
  const accounts = cluster.registry.find('', 'v1', 'serviceaccounts');
  if (accounts === undefined) throw methodNotAllowed();
  const account = getObject(cluster, accounts, { namespace, name });
  const spec = asObject(request['spec']);
  const seconds = secondsOf(spec['expirationSeconds']);
  const asked = asStrings(spec['audiences']);
  if (asList(spec['audiences']).length > maxAudiences)
    throw badRequest(`a token may have at most ${maxAudiences} audiences`);
  const audiences = asked.length === 0 ? [issuer] : asked;
  const bound = spec['boundObjectRef'] === undefined ? undefined : boundTo(cluster, account, spec['boundObjectRef']);
  const now = cluster.now();
  const expiresAt = new Date(now.getTime() + seconds * 1000);
  const token = tokens.issue({ account, audiences, expiresAt, id: cluster.uid(), bound });
  const { uid } = account.metadata;
  const identity = { name, namespace, uid, creationTimestamp: timestamp(now) };
  return {
    metadata: { ...request.metadata, ...identity },
    spec: { ...spec, audiences, boundObjectRef: spec['boundObjectRef'] ?? null },
    status: { token, expirationTimestamp: timestamp(expiresAt) },
  };
}

function secondsOf(asked: unknown): number {
  if (typeof asked === 'number' && asked >= minTokenSeconds && asked <= maxTokenSeconds) return asked;
  const why =
    typeof asked === 'number' && asked < minTokenSeconds
      ? 'may not specify a duration less than 10 minutes'
      : `may not specify a duration larger than 2^32 seconds`;
  const message = `Invalid value: ${JSON.stringify(asked)}: ${why}`;
  throw invalid(tokenRequestKind, '', [{ type: 'FieldValueInvalid', field: 'spec.expirationSeconds', message }]);
}

function boundTo(cluster: Cluster, account: KubeObject, reference: unknown): BoundObject {
  const { apiVersion: version, kind, name, uid } = asObject(reference);
  const plural = version === 'v1' ? bindable[stringOr(kind, '')] : undefined;
  const resource = plural === undefined ? undefined : cluster.registry.find('', 'v1', plural);
  if (resource === undefined) {
    throw badRequest(`cannot bind token to object of type ${stringOr(version, '')}, Kind=${stringOr(kind, '')}`);
  }
  const namespace = resource.namespaced ? (account.metadata.namespace ?? '') : '';
  const object = getObject(cluster, resource, { namespace, name: stringOr(name, '') });
  if (uid !== undefined && uid !== '' && uid !== object.metadata.uid) {
    const why =
      `the UID in the bound object reference (${stringOr(uid, '')}) does not match the UID in record. ` +
      'The object might have been deleted and then recreated';
    throw conflict(resource, object.metadata.name, why);
  }
  const runsAs = valueAt(object, ['spec', 'serviceAccountName']) ?? '';
  if (resource.kind === 'Pod' && runsAs !== account.metadata.name) {
    const who = JSON.stringify(account.metadata.name);
    throw badRequest(`cannot bind token for serviceaccount ${who} to pod running with different serviceaccount name.`);
  }
  return { claim: resource.kind.toLowerCase(), object };
}
