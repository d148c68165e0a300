import { trackUpdate } from '../apply/index.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { anonymous } from '../auth/authenticator.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import { mastersGroup } from '../auth/authorizer.ts';
import type { Attributes, PolicyRule } from '../auth/rules.ts';
import { issuer } from '../auth/token-service.ts';
import type { TokenService } from '../auth/token-service.ts';
import { type KubeObject, apiVersion, asObject, asStrings, stringOr, timestamp } from '../object.ts';
import { tokenRequestKind } from '../resources/builtin/reviews.ts';
import { unset } from '../resources/builtin/written.ts';
import type { Cluster } from '../resources/cluster.ts';
import { decodeObject, refuse } from '../resources/decode.ts';
import type { Resource } from '../resources/resource.ts';
import type { JsonObject } from '../schema/json.ts';
import { type StatusError, badRequest, invalid, methodNotAllowed } from '../status.ts';
import { mediaType, parseObject } from './body.ts';
import type { Exchange, User } from './exchange.ts';
import { negotiate } from './negotiation.ts';
import { writeOptions } from './resource-handler.ts';
import { answerTokenRequest } from './token-request.ts';

interface ReviewParts {
  readonly cluster: Cluster;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly tokens: TokenService;
}

/** Answers the questions about identity and rights: they are posted like objects, and never stored. */
export class ReviewHandler {
  readonly #parts: ReviewParts;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
  }

  /** Answers, or returns false when the request is about something else. */
  async handle(exchange: Exchange): Promise<boolean> {
    const { group, version, resource: plural, subresource, name } = exchange.info;
    if (group === '' && plural === 'serviceaccounts' && subresource === 'token') {
      const { cluster, tokens } = this.#parts;
      await this.#answer(exchange, tokenRequestKind, (request) =>
        answerTokenRequest(cluster, tokens, exchange.info, request),
      );
      return true;
    }
    const resource = this.#parts.cluster.registry.find(group, version, plural);
    const review = resource === undefined ? undefined : this.#reviewOf(resource.kind);
    if (resource === undefined || review === undefined || !isQuestion(resource) || name !== '') return false;
    await this.#answer(exchange, resource, (object) => ({ status: review(exchange, object) }));
    return true;
  }

  async #answer(exchange: Exchange, kind: Resource, answer: (object: KubeObject) => JsonObject): Promise<void> {
    if (exchange.info.verb !== 'create') throw methodNotAllowed();
    const wanted = negotiate(exchange.request.headers.accept, exchange.query);
    const body = parseObject(await exchange.body(), mediaType(exchange.request));
    const options = writeOptions(exchange);
    const { status: _status, ...sent } = decodeObject(kind, body, options);
    const asked = { ...sent, metadata: askedMetadata(kind, sent, exchange) } as KubeObject;
    // The metadata of a question says nothing.
    refuse(kind, '', kind.compiled.validate({ ...asked, metadata: {} }));
    const answered = answer(asked);
    const owned = trackUpdate(undefined, asked, {
      manager: options.fieldManager,
      apiVersion: apiVersion(kind),
      time: timestamp(this.#parts.cluster.now()),
      ...(kind === tokenRequestKind ? { subresource: 'token' } : {}),
      schema: kind.schema,
      unset: unset(kind.schema),
    }) as KubeObject;
    const { managedFields } = owned.metadata;
    const metadata = {
      ...asObject(answered['metadata'] ?? asked.metadata),
      ...(kind.kind === 'SelfSubjectReview' ? { creationTimestamp: timestamp(this.#parts.cluster.now()) } : {}),
      ...(managedFields === undefined ? {} : { managedFields }),
    };
    exchange.send(201, { ...asked, ...answered, metadata }, wanted);
  }

  #reviewOf(kind: string): ((exchange: Exchange, object: KubeObject) => JsonObject) | undefined {
    switch (kind) {
      case 'TokenReview':
        return (_exchange, object) => this.#reviewToken(object);
      case 'SelfSubjectReview':
        return ({ user }) => ({ userInfo: userInfo(user) });
      case 'SubjectAccessReview':
      case 'LocalSubjectAccessReview':
        return ({ info }, object) => this.#reviewAccess(object, askedUser(object), info.namespace);
      case 'SelfSubjectAccessReview':
        return ({ user, info }, object) => this.#reviewAccess(object, user, info.namespace);
      case 'SelfSubjectRulesReview':
        return ({ user }, object) => this.#reviewRules(object, user);
      default:
        return undefined;
    }
  }

  #reviewToken(review: KubeObject): JsonObject {
    const spec = asObject(review['spec']);
    const token = stringOr(spec['token'], '');
    if (token === '') throw badRequest('token is required for TokenReview in authentication');
    const wanted = asStrings(spec['audiences']);
    const signed = this.#parts.tokens.verify(token);
    const user = signed?.user ?? this.#parts.authenticator.userOf(token);
    if (user === undefined || user === anonymous) return { user: {}, error: 'invalid bearer token' };
    // A token given at the start is good for whoever asks; a signed one only for its audiences.
    const own = signed?.audiences ?? [issuer];
    const audiences = wanted.length === 0 ? [issuer] : wanted;
    const common = audiences.filter((audience) => own.includes(audience));
    if (common.length === 0) {
      const why = `token audiences ${JSON.stringify(own)} is invalid for the target audiences ${JSON.stringify(audiences)}`;
      return { user: {}, error: `[invalid bearer token, ${why}]` };
    }
    return { authenticated: true, user: userInfo(user), audiences: common };
  }

  #reviewAccess(review: KubeObject, user: User, namespace: string): JsonObject {
    const attributes = attributesOf(review);
    if (review.kind === 'LocalSubjectAccessReview' && attributes.namespace !== namespace) {
      throw refused(
        'spec.resourceAttributes.namespace',
        JSON.stringify(attributes.namespace),
        'must match metadata.namespace',
      );
    }
    const { allowed, reason } = this.#parts.authorizer.decide(user, attributes);
    return { allowed, ...(reason === '' ? {} : { reason }) };
  }

  #reviewRules(review: KubeObject, user: User): JsonObject {
    const namespace = stringOr(asObject(review['spec'])['namespace'], '');
    if (namespace === '') throw badRequest('no namespace on request');
    const everything: PolicyRule[] = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
      { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
    ];
    const rules = [
      ...(user.groups.includes(mastersGroup) ? everything : []),
      ...this.#parts.authorizer.rules(user, namespace),
    ];
    return {
      incomplete: false,
      resourceRules: rules
        .filter(({ resources }) => resources.length > 0)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          apiGroups,
          resources,
          ...(resourceNames.length === 0 ? {} : { resourceNames }),
        })),
      nonResourceRules: rules
        .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    };
  }
}

/** A kube-apiserver names only the group of a question that it refuses. */
const refused = (field: string, value: string, why: string): StatusError => {
  const message = `Invalid value: ${value === '' ? '' : `${value}: `}${why}`;
  return invalid({ group: 'authorization.k8s.io', kind: '' }, '', [{ type: 'FieldValueInvalid', field, message }]);
};

/** What of its metadata a question keeps: what was sent, and the namespace that it is asked in. */
function askedMetadata(kind: Resource, { metadata }: KubeObject, { info }: Exchange): JsonObject {
  const sent = Object.entries(metadata).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(sent), ...(kind.namespaced ? { namespace: info.namespace } : {}) };
}

const isQuestion = ({ group }: Resource): boolean =>
  group === 'authentication.k8s.io' || group === 'authorization.k8s.io';

const userInfo = ({ name, uid, groups, extra }: User): JsonObject => ({
  username: name,
  ...(uid === '' ? {} : { uid }),
  groups: [...groups],
  ...(Object.keys(extra).length === 0 ? {} : { extra }),
});

function askedUser(review: KubeObject): User {
  const spec = asObject(review['spec']);
  const name = stringOr(spec['user'], '');
  const groups = asStrings(spec['groups']);
  if (name === '' && groups.length === 0) {
    throw refused('spec.user', '""', 'at least one of user or group must be specified');
  }
  return { name, uid: stringOr(spec['uid'], ''), groups, extra: {} };
}

function attributesOf(review: KubeObject): Attributes {
  const spec = asObject(review['spec']);
  const resource = spec['resourceAttributes'];
  const path = spec['nonResourceAttributes'];
  if (resource !== undefined && path !== undefined) {
    throw refused('spec.nonResourceAttributes', '', 'cannot be specified in combination with resourceAttributes');
  }
  if (resource === undefined && path === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw refused('spec.resourceAttributes', '', why);
  }
  const from = asObject(resource ?? path);
  const text = (key: string): string => stringOr(from[key], '');
  return {
    isResource: resource !== undefined,
    verb: text('verb'),
    path: text('path'),
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    name: text('name'),
    namespace: text('namespace'),
  };
}
