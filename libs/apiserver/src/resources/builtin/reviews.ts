import type { Resource } from '../resource.ts';
import { builtin } from './builtin.ts';
import { boolean, integer, listOf, mapOf, object, string, time, withDefault } from './words.ts';

/** Kinds that are questions: they are posted, answered in their status, and never stored. */
const question = { verbs: ['create'] as const, required: ['spec'], written: { spec: {} } };

const extra = mapOf(listOf(string));
const user = object({ username: string, uid: string, groups: listOf(string), extra });

const resourceAttributes = object({
  namespace: string,
  verb: string,
  group: string,
  version: string,
  resource: string,
  subresource: string,
  name: string,
  fieldSelector: object({ rawSelector: string }),
  labelSelector: object({ rawSelector: string }),
});
const nonResourceAttributes = object({ path: string, verb: string });
const accessStatus = object({ allowed: boolean, denied: boolean, reason: string, evaluationError: string });

const authentication = { group: 'authentication.k8s.io', version: 'v1' } as const;
const authorization = { group: 'authorization.k8s.io', version: 'v1' } as const;

const accessSpec = {
  resourceAttributes,
  nonResourceAttributes,
  user: string,
  groups: listOf(string),
  uid: string,
  extra,
};

export const reviewResources: readonly Resource[] = [
  builtin({
    ...authentication,
    ...question,
    kind: 'TokenReview',
    plural: 'tokenreviews',
    namespaced: false,
    description: 'TokenReview attempts to authenticate a token to a known user.',
    fields: {
      spec: object({ token: string, audiences: listOf(string) }),
      status: object({ authenticated: boolean, user, audiences: listOf(string), error: string }),
    },
  }),
  builtin({
    ...authentication,
    verbs: ['create'],
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    namespaced: false,
    description:
      'SelfSubjectReview contains the user information that the API server has about the user making the request.',
    fields: { status: object({ userInfo: user }) },
  }),
  builtin({
    ...authorization,
    ...question,
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    namespaced: false,
    description: 'SubjectAccessReview checks whether or not a user or group can perform an action.',
    fields: { spec: object(accessSpec), status: accessStatus },
  }),
  builtin({
    ...authorization,
    ...question,
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
    namespaced: true,
    description: 'LocalSubjectAccessReview checks whether or not a user or group can perform an action in a namespace.',
    fields: { spec: object(accessSpec), status: accessStatus },
  }),
  builtin({
    ...authorization,
    ...question,
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    namespaced: false,
    description: 'SelfSubjectAccessReview checks whether or not the current user can perform an action.',
    fields: { spec: object({ resourceAttributes, nonResourceAttributes }), status: accessStatus },
  }),
  builtin({
    ...authorization,
    ...question,
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    namespaced: false,
    description:
      'SelfSubjectRulesReview enumerates the set of actions the current user can perform within a namespace.',
    fields: {
      spec: object({ namespace: string }),
      status: object({
        incomplete: boolean,
        evaluationError: string,
        resourceRules: listOf(
          object({
            verbs: listOf(string),
            apiGroups: listOf(string),
            resources: listOf(string),
            resourceNames: listOf(string),
          }),
        ),
        nonResourceRules: listOf(object({ verbs: listOf(string), nonResourceURLs: listOf(string) })),
      }),
    },
  }),
];

/** What a `TokenRequest`, posted to a service account's `token` subresource, is made of. */
export const tokenRequestKind: Resource = builtin({
  ...authentication,
  ...question,
  kind: 'TokenRequest',
  plural: 'tokenrequests',
  namespaced: true,
  description: 'TokenRequest requests a token for a given service account.',
  fields: {
    spec: object({
      audiences: listOf(string),
      expirationSeconds: withDefault(integer, 3600),
      boundObjectRef: object({ kind: string, apiVersion: string, name: string, uid: string }),
    }),
    status: object({ token: string, expirationTimestamp: time }),
  },
});
